package io.lorikeet.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Folders of an adapters root in which versions from elsewhere lie until they are kept under their names, or dropped. */
public final class Incoming {
    private static final String PREFIX = ".incoming-";

    private Incoming() {}

    /** A new one. */
    public static Path in(Path root) throws IOException {
        return Files.createDirectory(Files.createDirectories(root).resolve(PREFIX + UUID.randomUUID()));
    }

    /** Deletes those that have not changed since then: whoever received them has ended. */
    public static void sweep(Path root, Instant unchangedSince) throws IOException {
        List<Path> all;
        try (Stream<Path> entries = Files.list(root)) {
            all = entries.filter(entry -> entry.getFileName().toString().startsWith(PREFIX))
                    .toList();
        }
        for (Path folder : all) {
            if (isOlder(folder, unchangedSince)) {
                Trash.delete(folder);
            }
        }
    }

    private static boolean isOlder(Path folder, Instant time) throws IOException {
        try {
            return Files.getLastModifiedTime(folder).toInstant().isBefore(time);
        } catch (NoSuchFileException e) {
            // kept or dropped meanwhile
            return false;
        }
    }
}
