package io.lorikeet.engine.sharing;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * The place where processes find one copy of something, under a name that says what it is. One process at a time is in it; the
 * system lets the next one in when a process ends, however it ends.
 */
public final class SharedFolder {
    private static final int NAME_BYTES = 8;
    /** The system's locks are a process's; these are its threads'. */
    private static final Map<Path, Semaphore> INSIDE = new ConcurrentHashMap<>();

    private final Path parent;
    private final String name;

    /**
     * @param parent the directory of all of them
     * @param key everything that has to be equal for two processes to share
     */
    public SharedFolder(Path parent, String key) {
        this.parent = parent.toAbsolutePath().normalize();
        this.name = HexFormat.of().formatHex(digest(key), 0, NAME_BYTES);
    }

    private static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Where what is complete lies. */
    public Path path() {
        return parent.resolve(name);
    }

    /** Where it is made; of no worth to anybody but the process inside. */
    public Path unfinished() {
        return parent.resolve(name + ".tmp");
    }

    /** The right to be inside, until it is closed. */
    public interface Entry extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits until nobody else is inside. */
    public Entry enter() {
        Path file = parent.resolve(name + ".lock");
        Semaphore inside = INSIDE.computeIfAbsent(file, _ -> new Semaphore(1));
        inside.acquireUninterruptibly();
        try {
            Files.createDirectories(parent);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                channel.lock();
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            return () -> {
                close(channel);
                inside.release();
            };
        } catch (IOException e) {
            inside.release();
            throw failure("cannot be used", e);
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new EngineException("a lock cannot be given up: " + e.getMessage(), e);
        }
    }

    /** Deletes a directory of files, if it is there. */
    static void delete(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    EngineException failure(String what, IOException e) {
        return new EngineException("the directory " + parent + " for what processes share " + what + ": " + e, e);
    }
}
