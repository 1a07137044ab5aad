package io.lorikeet.cli.stack;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/** How the last stack on a state folder ended, in {@code run/ended.json}. */
public final class StackEnd {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The file's content.
     *
     * @param at when, in milliseconds
     * @param reason in words
     */
    private record Ended(long at, String reason) {}

    private StackEnd() {}

    /** How the last stack ended that ran here, in a sentence; empty if one runs, or none ever did. */
    public static Optional<String> last(Path state) {
        if (StackRecord.find(state).isPresent()) {
            return Optional.empty();
        }
        Path file = file(state);
        try {
            // a record of a running stack that nobody took away: its supervisor had no time to
            Optional<StackRecord> left = StackRecord.left(state);
            if (left.isPresent()) {
                Instant heard =
                        Files.getLastModifiedTime(StackRecord.file(state)).toInstant();
                return Optional.of(
                        "The last stack here ended without a word some time after %s: its supervisor (pid %d) was killed, or the machine went down."
                                .formatted(heard, left.get().pid()));
            }
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            Ended ended = JSON.readValue(file.toFile(), Ended.class);
            return Optional.of(
                    "The last stack here ended at %s: %s".formatted(Instant.ofEpochMilli(ended.at()), ended.reason()));
        } catch (IOException e) {
            throw new CliException("Cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    static void write(Path state, String reason) {
        Path file = file(state);
        try {
            Path next = file.resolveSibling("ended.json.next");
            JSON.writeValue(next.toFile(), new Ended(System.currentTimeMillis(), reason));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // logs/stack.log has tried to say it, too
        }
    }

    private static Path file(Path state) {
        return state.resolve("run").resolve("ended.json");
    }
}
