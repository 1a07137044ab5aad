package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The data root of a stack on this machine, where a file lies under the digest of its content: once, however often it is named. */
final class DataFolder {
    private static final int DIGITS = 16;

    private DataFolder() {}

    /** Copies the file; returns its name in the folder. */
    static String copy(Path file, Path folder) {
        try {
            Files.createDirectories(folder);
            Path temporary = Files.createTempFile(folder, ".", ".copy");
            try {
                MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
                try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
                    Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
                }
                Path name = Path.of(
                        HexFormat.of().formatHex(sha256.digest()).substring(0, DIGITS),
                        file.getFileName().toString());
                Path copy = folder.resolve(name);
                Files.createDirectories(copy.getParent());
                Files.move(temporary, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return name.toString();
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new CliException("Cannot copy " + file + " to " + folder + ", where the trainer reads data: " + e, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
