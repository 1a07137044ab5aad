package io.lorikeet.store;

import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.store.StoreException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Files by their SHA-256 in a folder; those not used for longest go when it is full. Several processes may share it. What
 * is only half here has another name.
 */
final class FileCache {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final String PART = ".part";

    private final Path folder;
    private final long maxBytes;
    /** One thread of this process at a time on a file; the files' own locks are for the other processes. */
    private final List<ReentrantLock> locks =
            IntStream.range(0, 64).mapToObj(_ -> new ReentrantLock()).toList();

    /** Brings the bytes of a file. */
    @FunctionalInterface
    interface Source {
        /**
         * Adds what is missing.
         *
         * @param part what an earlier try has brought; to be filled up to its size
         */
        void fill(FileChannel part) throws IOException;
    }

    /** @param maxBytes how much stays; what is being brought comes on top */
    FileCache(Path folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    /**
     * The file of this digest and size, from {@code source} if it is not here.
     *
     * @throws StoreException if the source's bytes are others; then nothing of them stays
     */
    Path get(CheckpointFile expected, Source source) throws IOException {
        var name = expected.sha256().toLowerCase(Locale.ROOT);
        if (!SHA256.matcher(name).matches()) {
            throw new StoreException(
                    Kind.CHECKSUM_MISMATCH,
                    "%s: '%s' is no SHA-256 of 64 hexadecimal digits".formatted(expected.name(), expected.sha256()));
        }
        var file = folder.resolve(name);
        var lock = locks.get(Math.floorMod(name.hashCode(), locks.size()));
        lock.lock();
        try {
            return isHere(file, expected) ? file : bring(file, expected, source);
        } finally {
            lock.unlock();
        }
    }

    private static boolean isHere(Path file, CheckpointFile expected) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        if (!isWhole(file, expected)) {
            Files.deleteIfExists(file); // the disk has changed it
            return false;
        }
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        return true;
    }

    private static boolean isWhole(Path file, CheckpointFile expected) throws IOException {
        return Files.size(file) == expected.size() && Digests.sha256(file).equalsIgnoreCase(expected.sha256());
    }

    private Path bring(Path file, CheckpointFile expected, Source source) throws IOException {
        Files.createDirectories(folder);
        var part = folder.resolve(file.getFileName() + PART);
        try (var channel =
                FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.lock();
            if (isHere(file, expected)) { // another process was quicker
                return file;
            }
            source.fill(channel);
            channel.force(true);
            var sha256 = Digests.sha256(part);
            if (!sha256.equalsIgnoreCase(expected.sha256())) {
                Files.delete(part);
                throw new StoreException(
                        Kind.CHECKSUM_MISMATCH,
                        "%s: what was fetched has SHA-256 %s, the event says %s"
                                .formatted(expected.name(), sha256, expected.sha256()));
            }
            makeRoom(expected.size());
            return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void makeRoom(long bytes) throws IOException {
        record Entry(Path file, long size, FileTime used) {}
        var entries = new ArrayList<Entry>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(
                            it -> SHA256.matcher(it.getFileName().toString()).matches())
                    .toList()) {
                entries.add(new Entry(file, Files.size(file), Files.getLastModifiedTime(file)));
            }
        }
        long total = bytes + entries.stream().mapToLong(Entry::size).sum();
        entries.sort(Comparator.comparing(Entry::used));
        for (var entry : entries) {
            if (total > maxBytes) {
                Files.deleteIfExists(entry.file());
                total -= entry.size();
            }
        }
    }
}
