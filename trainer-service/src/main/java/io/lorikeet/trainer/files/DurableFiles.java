package io.lorikeet.trainer.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Writes that are there whole or not at all, also after a power cut: temporary name, force, atomic move. */
public final class DurableFiles {
    private static final String TEMPORARY = ".tmp";

    private DurableFiles() {}

    /** Puts a file's whole content in place. */
    public static void write(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + TEMPORARY);
        Files.write(temporary, content);
        force(temporary);
        move(temporary, file);
    }

    /** Fills a folder. */
    @FunctionalInterface
    public interface FolderWriter {
        void write(Path folder) throws IOException;
    }

    /** Puts a whole folder of files in place; if writing fails, nothing is left of it. */
    public static void writeFolder(Path folder, FolderWriter content) throws IOException {
        Path temporary = folder.resolveSibling("." + folder.getFileName() + TEMPORARY);
        delete(temporary);
        try {
            Files.createDirectories(temporary);
            content.write(temporary);
            for (Path file : list(temporary)) {
                force(file);
            }
            force(temporary);
            move(temporary, folder);
        } catch (IOException | RuntimeException e) {
            delete(temporary);
            throw e;
        }
    }

    private static void move(Path temporary, Path target) throws IOException {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(target.getParent());
    }

    /** Asks the disk to keep what was written; for a folder, its entries. */
    private static void force(Path path) throws IOException {
        boolean folder = Files.isDirectory(path);
        try (FileChannel channel =
                FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** What a folder holds, by name; nothing if it is not there. */
    public static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }

    /** Deletes a folder with all that is in it; one that is not there is fine. */
    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
