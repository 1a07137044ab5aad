package io.lorikeet.cli.stack;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a process's log from growing for ever. A file that has reached the limit is copied to {@code *.log.previous} and
 * emptied under the process that writes it, which appends; what it writes between the two is lost.
 *
 * @param maxBytes of a log; as much again is its predecessor
 */
record LogLimit(long maxBytes) {
    static final LogLimit DEFAULT = new LogLimit(32L << 20);

    static Path previous(Path log) {
        return log.resolveSibling(log.getFileName() + ".previous");
    }

    void apply(Path log) {
        try {
            if (Files.exists(log) && Files.size(log) > maxBytes) {
                Files.copy(log, previous(log), StandardCopyOption.REPLACE_EXISTING);
                try (var file = FileChannel.open(log, StandardOpenOption.WRITE)) {
                    file.truncate(0);
                }
            }
        } catch (IOException e) {
            // no room for the copy: the log goes on growing, and the next look tries again
        }
    }
}
