package io.lorikeet.contracts.keys;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A file of API keys, {@code {"keys": […]}}, as a Kubernetes secret can hold it. */
public final class KeyFile {
    private KeyFile() {}

    private record Keys(List<ApiKey> keys) {
        Keys {
            keys = keys == null ? List.of() : List.copyOf(keys);
            var ids = new HashSet<String>();
            for (var key : keys) {
                if (!ids.add(key.id())) {
                    throw new ContractException("keys", new Problem("id", "stands twice: " + key.id(), "one key each"));
                }
            }
        }
    }

    /**
     * The keys; none if there is no file.
     *
     * @throws ContractException if it is no file of keys
     */
    public static List<ApiKey> read(Path file) throws IOException {
        try {
            return Json.read(Files.readAllBytes(file), Keys.class).keys();
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }

    /** Puts these keys in the place of those that were there; its owner alone reads the file. */
    public static void write(Path file, List<ApiKey> keys) throws IOException {
        var folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        var json = Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(new Keys(keys));
        var temporary = Files.createTempFile(folder, ".keys", ".json", ownersAlone(folder));
        try {
            Files.write(temporary, json, StandardOpenOption.WRITE);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static FileAttribute<?>[] ownersAlone(Path folder) {
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))
                }
                : new FileAttribute<?>[0];
    }
}
