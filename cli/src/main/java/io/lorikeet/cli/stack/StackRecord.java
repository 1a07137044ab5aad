package io.lorikeet.cli.stack;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A running stack as other commands find it, in {@code run/stack.json} of its state folder.
 *
 * @param pid the process that supervises it
 * @param startedAt when that process started, in milliseconds: with the pid it names one process for certain
 * @param gateway the public address
 * @param model the base model's directory
 * @param starting true until every process was ready for the first time: some may not have been started yet
 * @param processes what runs
 */
public record StackRecord(
        long pid, long startedAt, String gateway, String model, boolean starting, List<Entry> processes) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public StackRecord {
        processes = List.copyOf(processes);
    }

    /**
     * One process of it.
     *
     * @param ready what answers with 200 when it is ready; null: its port is all that can be tried
     * @param restarts how often it had to be started again
     * @param lastDeath why it died last; null if it never did
     */
    public record Entry(String name, long pid, int port, String ready, String log, int restarts, String lastDeath) {

        static Entry of(Supervised supervised) {
            ManagedProcess process = supervised.process();
            ProcessSpec spec = process.spec();
            return new Entry(
                    spec.name(),
                    process.pid(),
                    spec.port(),
                    switch (spec.readiness()) {
                        case Readiness.FileExists _ -> null;
                        case Readiness.HttpOk(URI address) -> address.toString();
                    },
                    process.log().toString(),
                    supervised.restarts(),
                    supervised.lastDeath().orElse(null));
        }

        public boolean alive() {
            return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
        }
    }

    /** The stack that runs on this state folder, if one does. */
    public static Optional<StackRecord> find(Path state) {
        return left(state).filter(found -> found.supervisor().isPresent());
    }

    /** The record that lies there, though its stack may be gone. */
    static Optional<StackRecord> left(Path state) {
        Path file = file(state);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), StackRecord.class));
        } catch (IOException e) {
            throw new CliException("Cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Where Kafka's clients connect. */
    public String bootstrapServers() {
        return processes.stream()
                .filter(process -> process.name().equals(StackProcesses.BROKER))
                .map(broker -> "127.0.0.1:" + broker.port())
                .findFirst()
                .orElseThrow(() -> new CliException("The stack has no broker yet; it is starting."));
    }

    /** The supervising process, if it still runs. */
    public Optional<ProcessHandle> supervisor() {
        return ProcessHandle.of(pid).filter(process -> startOf(process) == startedAt);
    }

    static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    static void write(Path state, StackRecord stack) {
        Path file = file(state);
        try {
            Path next = file.resolveSibling("stack.json.next");
            JSON.writerWithDefaultPrettyPrinter().writeValue(next.toFile(), stack);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CliException("Cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    static void delete(Path state) {
        try {
            Files.deleteIfExists(file(state));
        } catch (IOException e) {
            // a later command sees that its process is gone
        }
    }

    static Path file(Path state) {
        return state.resolve("run").resolve("stack.json");
    }
}
