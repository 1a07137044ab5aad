package io.lorikeet.cli.hub;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A file of a model on a hub.
 *
 * @param digest of its content, as the hub names it
 */
record HubFile(String name, long size, Digest digest, URI uri) {
    private static final int BUFFER = 1 << 16;

    /** How a hub names a content: large files by SHA-256, small ones of a git repository by git's own SHA-1. */
    sealed interface Digest {
        String hex();

        record Sha256(String hex) implements Digest {}

        record GitBlob(String hex) implements Digest {}
    }

    /** Whether this is its content. */
    boolean is(Path file) throws IOException {
        String actual =
                switch (digest) {
                    case Digest.Sha256 _ -> sha256(file);
                    case Digest.GitBlob _ -> {
                        MessageDigest sha1 = digest("SHA-1");
                        sha1.update("blob %d\0".formatted(Files.size(file)).getBytes(StandardCharsets.UTF_8));
                        yield hex(sha1, file);
                    }
                };
        return actual.equals(digest.hex().toLowerCase(Locale.ROOT));
    }

    static String sha256(Path file) throws IOException {
        return hex(digest("SHA-256"), file);
    }

    private static String hex(MessageDigest digest, Path file) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new CliException("This Java has no " + algorithm, e);
        }
    }
}
