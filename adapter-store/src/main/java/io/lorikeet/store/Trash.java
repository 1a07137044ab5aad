package io.lorikeet.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Deletes folders so that none ever looks whole when half of it is gone: renamed first, to {@code .NAME.deleted}. What a
 * crash leaves under such a name is swept away later.
 */
public final class Trash {
    private static final String SUFFIX = ".deleted";

    private Trash() {}

    /** Deletes a folder with all that is in it; one that is not there is fine. */
    public static void delete(Path folder) throws IOException {
        Path doomed = folder.resolveSibling("." + folder.getFileName() + SUFFIX);
        deleteTree(doomed);
        try {
            Files.move(folder, doomed, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        deleteTree(doomed);
    }

    /** Deletes what deletions in this folder that were cut off have left. */
    public static void sweep(Path parent) throws IOException {
        for (Path entry : list(parent)) {
            String name = entry.getFileName().toString();
            if (name.startsWith(".") && name.endsWith(SUFFIX)) {
                deleteTree(entry);
            }
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
