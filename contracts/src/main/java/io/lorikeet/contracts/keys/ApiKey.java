package io.lorikeet.contracts.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A key as it is kept: not itself, but its hash. A key is 256 random bits, so that no slow hash is needed.
 *
 * @param id the part of the key that is no secret
 * @param name whose it is
 * @param sha256 of the key, in hexadecimal
 * @param adapters names that it may ask for, train and change; empty: all
 */
public record ApiKey(
        String id, String name, String sha256, Set<Role> roles, Set<String> adapters, Quota quota, Instant created) {
    private static final Pattern KEY = Pattern.compile("lk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}");
    private static final Pattern NAME = Pattern.compile("[\\w.@:/+-]{1,64}");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 6;
    private static final int SECRET_BYTES = 32;

    public ApiKey {
        require(id != null && id.matches("[0-9a-f]{12}"), "id", "12 hexadecimal digits");
        require(name != null && NAME.matcher(name).matches(), "name", "up to 64 letters, digits and . @ : / + - _");
        require(sha256 != null && sha256.matches("[0-9a-f]{64}"), "sha256", "64 hexadecimal digits");
        require(roles != null && !roles.isEmpty(), "roles", "some of ask, train and admin");
        roles = Set.copyOf(roles);
        adapters = adapters == null ? Set.of() : Set.copyOf(adapters);
        quota = quota == null ? Quota.NONE : quota;
    }

    /**
     * A new key.
     *
     * @param secret what its holder sends; it is kept nowhere
     */
    public record Issued(ApiKey key, String secret) {}

    /** Makes one. */
    public static Issued issue(String name, Set<Role> roles, Set<String> adapters, Quota quota, Instant now) {
        var id = HexFormat.of().formatHex(random(ID_BYTES));
        var secret = "lk_" + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random(SECRET_BYTES));
        var hash = HexFormat.of().formatHex(sha256(secret));
        return new Issued(new ApiKey(id, name, hash, roles, adapters, quota, now), secret);
    }

    /** The id in what a caller sent; empty if it is no key at all. */
    public static Optional<String> id(String secret) {
        var key = KEY.matcher(secret);
        return key.matches() ? Optional.of(key.group(1)) : Optional.empty();
    }

    /** Whether it is this key; takes as long whether it is or not. */
    public boolean is(String secret) {
        return MessageDigest.isEqual(HexFormat.of().parseHex(sha256), sha256(secret));
    }

    private static byte[] random(int bytes) {
        var random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void require(boolean right, String field, String expected) {
        if (!right) {
            throw new ContractException("API key", new Problem(field, "is none", expected));
        }
    }
}
