package io.lorikeet.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What the supervisor has to say, in {@code logs/stack.log}: a stack that was detached has no terminal to say it on. */
final class StackLog {
    private final Path file;

    StackLog(Path logs) {
        this.file = logs.resolve("stack.log");
    }

    void say(String message) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(
                    file,
                    "%s %s%n".formatted(Instant.now().truncatedTo(ChronoUnit.MILLIS), message.replace("\n", " ")),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            // a full disk is no reason to let the stack alone
        }
    }
}
