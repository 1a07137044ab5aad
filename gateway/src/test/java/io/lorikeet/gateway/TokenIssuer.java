package io.lorikeet.gateway;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;

/** A small OpenID Connect provider: it says what its keys are, and the test signs with them. */
public class TokenIssuer implements QuarkusTestResourceLifecycleManager {
    static final String AUDIENCE = "lorikeet";
    private static final String KEY_ID = "k1";
    private static final KeyPair KEYS = keys();

    private static HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        serve("/.well-known/openid-configuration", """
                {"issuer": "%s", "jwks_uri": "%1$s/keys", "token_endpoint": "%1$s/token", "authorization_endpoint": "%1$s/auth",
                 "response_types_supported": ["code"], "subject_types_supported": ["public"],
                 "id_token_signing_alg_values_supported": ["RS256"]}""".formatted(address()));
        var key = (RSAPublicKey) KEYS.getPublic();
        serve("/keys", """
                {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "%s", "n": "%s", "e": "%s"}]}""".formatted(KEY_ID, encoded(key.getModulus()), encoded(key.getPublicExponent())));
        server.start();
        return Map.of(
                "quarkus.oidc.tenant-enabled",
                "true",
                "quarkus.oidc.auth-server-url",
                address(),
                "quarkus.oidc.token.audience",
                AUDIENCE);
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    /** A token for a person, as this provider makes them: for all adapters. */
    static String token(String name, Set<String> roles) {
        return sign(claims(name, AUDIENCE, roles, Duration.ofMinutes(5)), KEYS);
    }

    /** One for these adapters. */
    static String token(String name, Set<String> roles, Set<String> adapters) {
        return sign(claims(name, AUDIENCE, roles, Duration.ofMinutes(5)).claim("adapters", adapters), KEYS);
    }

    /** One for a program, of which some providers say no subject. */
    static String tokenOfProgram(String program, Set<String> roles) {
        return sign(unnamed(AUDIENCE, roles, Duration.ofMinutes(5)).claim("azp", program), KEYS);
    }

    /** One that does not say whose it is. */
    static String tokenOfNobody() {
        return sign(unnamed(AUDIENCE, Set.of("admin"), Duration.ofMinutes(5)), KEYS);
    }

    /** One for somebody else. */
    static String tokenForOthers(String name) {
        return sign(claims(name, "another service", Set.of("admin"), Duration.ofMinutes(5)), KEYS);
    }

    /** One whose time is over. */
    static String oldToken(String name) {
        return sign(claims(name, AUDIENCE, Set.of("admin"), Duration.ofMinutes(-5)), KEYS);
    }

    /** One that somebody else has signed. */
    static String forgedToken(String name) {
        return sign(claims(name, AUDIENCE, Set.of("admin"), Duration.ofMinutes(5)), keys());
    }

    private static JwtClaimsBuilder claims(String name, String audience, Set<String> roles, Duration valid) {
        return unnamed(audience, roles, valid).subject("subject of " + name).preferredUserName(name);
    }

    private static JwtClaimsBuilder unnamed(String audience, Set<String> roles, Duration valid) {
        long now = System.currentTimeMillis() / 1_000;
        return Jwt.issuer(address())
                .audience(audience)
                .groups(roles)
                .issuedAt(now - 600)
                .expiresAt(now + valid.toSeconds());
    }

    private static String sign(JwtClaimsBuilder claims, KeyPair keys) {
        return claims.jws().keyId(KEY_ID).sign(keys.getPrivate());
    }

    private static void serve(String path, String json) {
        server.createContext(path, exchange -> {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    private static String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static String encoded(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int sign = bytes[0] == 0 ? 1 : 0;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOfRange(bytes, sign, bytes.length));
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
