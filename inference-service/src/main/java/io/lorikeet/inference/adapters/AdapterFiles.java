package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.CHECKSUM_MISMATCH;
import static io.lorikeet.inference.adapters.RejectionReason.FILE_MISSING;
import static io.lorikeet.inference.adapters.RejectionReason.FILE_TOO_LARGE;
import static io.lorikeet.inference.adapters.RejectionReason.FILE_UNREADABLE;
import static io.lorikeet.inference.adapters.RejectionReason.MALFORMED_EVENT;
import static io.lorikeet.inference.adapters.RejectionReason.SIZE_MISMATCH;
import static io.lorikeet.inference.adapters.RejectionReason.URI_REFUSED;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Reads the files of a checkpoint, each once and whole, and checks the very bytes that it returns. Nothing outside the
 * adapters root is opened, whatever the event says and wherever links lead.
 */
final class AdapterFiles {
    private final Path root;
    private final long maxFileBytes;

    /**
     * @param root the folder that holds all adapters; may be missing until the first one is there
     * @param maxFileBytes bound of each file
     */
    AdapterFiles(Path root, long maxFileBytes) {
        this.root = root.toAbsolutePath().normalize();
        this.maxFileBytes = Math.min(maxFileBytes, Integer.MAX_VALUE - 8L);
    }

    /**
     * Reads and checks a file of {@code event}.
     *
     * @throws AdapterRejectedException if it is not what the event says
     */
    byte[] read(CheckpointEvent event, String name) {
        var expected = named(event, name);
        return read(folder(event.uri()), expected);
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

    private Path folder(URI uri) {
        if (!"file".equalsIgnoreCase(uri.getScheme())) {
            throw refused(uri, "only file: URIs are read");
        }
        Path folder;
        try {
            folder = Path.of(uri).normalize();
        } catch (IllegalArgumentException e) {
            throw refused(uri, e.getMessage());
        }
        // refused by its spelling, before the file system is asked anything about it
        if (!folder.startsWith(root) && !folder.startsWith(realRoot())) {
            throw refused(uri, "it is outside the adapters root " + root);
        }
        return real(folder, "folder " + folder);
    }

    private byte[] read(Path folder, CheckpointFile expected) {
        var file = real(folder.resolve(expected.name()), folder + ": " + expected.name());
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new AdapterRejectedException(FILE_UNREADABLE, file + " is no regular file");
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            var size = channel.size();
            if (size > maxFileBytes) {
                throw new AdapterRejectedException(
                        FILE_TOO_LARGE, file + " has " + size + " bytes, at most " + maxFileBytes + " are read");
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

    /** Where {@code path} really is, which must be below the root, all links followed. */
    private Path real(Path path, String what) {
        try {
            var real = path.toRealPath();
            if (!real.startsWith(realRoot())) {
                throw new AdapterRejectedException(
                        URI_REFUSED, what + " leads to " + real + ", outside the adapters root " + root);
            }
            return real;
        } catch (NoSuchFileException e) {
            throw new AdapterRejectedException(FILE_MISSING, what + " is not there", e);
        } catch (IOException e) {
            throw new AdapterRejectedException(FILE_UNREADABLE, what + " cannot be read: " + e, e);
        }
    }

    private Path realRoot() {
        try {
            return root.toRealPath();
        } catch (IOException e) {
            throw new AdapterRejectedException(FILE_MISSING, "the adapters root " + root + " is not there", e);
        }
    }

    private static AdapterRejectedException refused(URI uri, String why) {
        return new AdapterRejectedException(URI_REFUSED, "uri " + uri + " is refused: " + why);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
