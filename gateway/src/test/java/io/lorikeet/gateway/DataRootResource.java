package io.lorikeet.gateway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The folder that trainers read data from. */
public class DataRootResource implements QuarkusTestResourceLifecycleManager {
    private static Path root;

    static Path root() {
        return root;
    }

    @Override
    public Map<String, String> start() {
        try {
            root = Files.createTempDirectory(Path.of("target"), "data").toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of("lorikeet.data-root", root.toString(), "quarkus.http.limits.max-body-size", "3M");
    }

    @Override
    public void stop() {}
}
