package io.lorikeet.gateway;

import io.lorikeet.contracts.keys.ApiKey;
import io.lorikeet.contracts.keys.KeyFile;
import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A file of API keys, which tests add to and take from while the gateway runs. */
public class KeyResource implements QuarkusTestResourceLifecycleManager {
    static final String SECRET = "known to gateway and inference";

    private static Path folder;
    private static final List<ApiKey> KEYS = new ArrayList<>();

    @Override
    public Map<String, String> start() {
        try {
            folder = Files.createTempDirectory("lorikeet-keys");
            write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of("lorikeet.access.keys-file", file().toString(), "lorikeet.inference-secret", SECRET);
    }

    /** A new key, as its holder has it. */
    static String issue(String name, Set<Role> roles, Set<String> adapters, Quota quota) {
        var issued = ApiKey.issue(name, roles, adapters, quota, Instant.now());
        KEYS.add(issued.key());
        write();
        return issued.secret();
    }

    static void revoke(String secret) {
        KEYS.removeIf(key -> key.is(secret));
        write();
    }

    static Path file() {
        return folder.resolve("keys.json");
    }

    private static void write() {
        try {
            KeyFile.write(file(), KEYS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        try {
            Files.deleteIfExists(file());
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
