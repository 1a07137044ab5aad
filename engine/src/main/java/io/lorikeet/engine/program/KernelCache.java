package io.lorikeet.engine.program;

import io.lorikeet.engine.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled kernels on disk, by all that they were made of. A folder of the user's own, since what lies there is run: nobody else
 * may write to it. Without such a folder they are compiled anew each time, which takes seconds.
 */
record KernelCache(Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(KernelCache.class);

    /** {@code lorikeet/kernels} in {@code XDG_CACHE_HOME}, or in the home directory's {@code .cache}. */
    static KernelCache ofUser(Map<String, String> environment) {
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base = caches.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(caches);
        return new KernelCache(base.resolve("lorikeet").resolve("kernels"));
    }

    /**
     * What was compiled of these parts before, or is compiled now.
     *
     * @param parts source, architecture, versions: whatever makes a difference
     */
    byte[] get(List<String> parts, Supplier<byte[]> compile) {
        Path file = folder.resolve(key(parts) + ".cubin");
        try {
            if (Files.isRegularFile(file)) {
                return Files.readAllBytes(file);
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be read", file, e);
        }
        byte[] compiled = compile.get();
        try {
            AtomicFile.write(file, compiled);
        } catch (IOException e) {
            LOG.info("kernels are not kept for the next start: {} cannot be written ({})", folder, e.toString());
        }
        return compiled;
    }

    private static String key(List<String> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
