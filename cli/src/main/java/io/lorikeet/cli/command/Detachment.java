package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * How a command that leaves the stack running gives the terminal back: the launcher runs it in the background, waits
 * for the exit code in the file that it has named, and ends with it, while this process goes on supervising the stack.
 */
final class Detachment {

    private static final String PROPERTY = "lorikeet.exit-code-file";

    private Detachment() {}

    /** Whether the launcher waits for {@link #leave}. */
    static boolean possible() {
        return System.getProperty(PROPERTY) != null;
    }

    /**
     * Ends the launcher with {@code exitCode}; from now on this process is silent. Without a launcher it stays as it is.
     */
    static void leave(int exitCode) {
        if (!possible()) {
            return;
        }
        Path file = Path.of(System.getProperty(PROPERTY));
        System.out.flush();
        System.err.flush();
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, Integer.toString(exitCode));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CliException("Cannot give the terminal back through " + file + ": " + e.getMessage(), e);
        }
        // A reader of our output shall see its end.
        System.out.close();
        System.err.close();
    }
}
