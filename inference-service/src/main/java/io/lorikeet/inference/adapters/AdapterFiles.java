package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.CHECKSUM_MISMATCH;
import static io.lorikeet.inference.adapters.RejectionReason.FILE_TOO_LARGE;
import static io.lorikeet.inference.adapters.RejectionReason.FILE_UNREADABLE;
import static io.lorikeet.inference.adapters.RejectionReason.MALFORMED_EVENT;
import static io.lorikeet.inference.adapters.RejectionReason.SIZE_MISMATCH;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.store.AdapterStore;
import io.lorikeet.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * Reads the files of a checkpoint, each once and whole, and checks the very bytes that it returns. Nothing outside the
 * adapter store is opened, whatever the event says.
 */
final class AdapterFiles {
    private final AdapterStore store;
    private final long maxFileBytes;

    /**
     * @param store where the adapters are
     * @param maxFileBytes bound of each file
     */
    AdapterFiles(AdapterStore store, long maxFileBytes) {
        this.store = store;
        this.maxFileBytes = Math.min(maxFileBytes, Integer.MAX_VALUE - 8L);
    }

    /**
     * Reads and checks a file of {@code event}.
     *
     * @throws AdapterRejectedException if it is not what the event says
     */
    byte[] read(CheckpointEvent event, String name) {
        var expected = named(event, name);
        if (expected.size() > maxFileBytes) {
            throw tooLarge(expected.name(), expected.size());
        }
        return read(fetched(() -> store.fetch(event, expected)), expected);
    }

    private static CheckpointFile named(CheckpointEvent event, String name) {
        return event.files().stream()
                .filter(file -> name.equals(file.name()))
                .findFirst()
                .orElseThrow(() -> new AdapterRejectedException(
                        MALFORMED_EVENT,
                        "files: has no " + name + ", only "
                                + event.files().stream()
                                        .map(CheckpointFile::name)
                                        .toList()));
    }

    private static Path fetched(Supplier<Path> fetch) {
        try {
            return fetch.get();
        } catch (StoreException e) {
            throw new AdapterRejectedException(e);
        }
    }

    private byte[] read(Path file, CheckpointFile expected) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new AdapterRejectedException(FILE_UNREADABLE, file + " is no regular file");
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            var size = channel.size();
            if (size > maxFileBytes) {
                throw tooLarge(file, size);
            }
            if (size != expected.size()) {
                throw new AdapterRejectedException(
                        SIZE_MISMATCH, file + " has " + size + " bytes, the event says " + expected.size());
            }
            var bytes = new byte[(int) size];
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new AdapterRejectedException(
                            SIZE_MISMATCH, file + " ended after " + buffer.position() + " of " + size + " bytes");
                }
            }
            var sha256 = sha256(bytes);
            if (!sha256.equalsIgnoreCase(expected.sha256())) {
                throw new AdapterRejectedException(
                        CHECKSUM_MISMATCH, file + " has SHA-256 " + sha256 + ", the event says " + expected.sha256());
            }
            return bytes;
        } catch (IOException e) {
            throw new AdapterRejectedException(FILE_UNREADABLE, file + " cannot be read: " + e, e);
        }
    }

    private AdapterRejectedException tooLarge(Object file, long size) {
        return new AdapterRejectedException(
                FILE_TOO_LARGE, file + " has " + size + " bytes, at most " + maxFileBytes + " are read");
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
