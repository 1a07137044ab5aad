package io.lorikeet.cli.stack;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A child process with its output in a log file, which never outlives the process that started it.
 *
 * <p>A small shell starts beside the child and reads from a pipe that this JVM holds open. When this JVM ends, however
 * it ends, the pipe closes, and the shell sends the child SIGTERM, later SIGKILL. Ctrl-C at the terminal reaches the
 * whole process group; the child ignores it, so that the stack stops in its own order.
 */
public final class ManagedProcess implements AutoCloseable {

    private static final String GUARD = """
            trap '' INT HUP
            exec 3<&0 </dev/null
            (
              exec >/dev/null 2>&1
              read -r _ <&3
              kill -TERM $$ || exit
              tries=0
              while kill -0 $$ && [ $tries -lt "$1" ]; do sleep 0.1; tries=$((tries + 1)); done
              kill -KILL $$
            ) &
            shift
            exec "$@" 3<&-
            """;

    /** Longer than a trainer takes to save what it has. */
    static final Duration GRACE = Duration.ofSeconds(30);

    private final ProcessSpec spec;
    private final Path log;
    private final Duration grace;
    private final Process process;
    /** Where its own lines begin in a log that it shares with earlier processes of the name. */
    private final long logStart;

    private ManagedProcess(ProcessSpec spec, Path log, Duration grace, Process process, long logStart) {
        this.spec = spec;
        this.log = log;
        this.grace = grace;
        this.process = process;
        this.logStart = logStart;
    }

    /** Starts it; the log of its last run is kept beside the new one as {@code *.log.previous}. */
    public static ManagedProcess start(ProcessSpec spec, Path logs) {
        return start(spec, logs, GRACE);
    }

    /** The same with another time between SIGTERM and SIGKILL. */
    static ManagedProcess start(ProcessSpec spec, Path logs, Duration grace) {
        Path log = logs.resolve(spec.name() + ".log");
        try {
            if (Files.exists(log)) {
                Files.move(log, LogLimit.previous(log), StandardCopyOption.REPLACE_EXISTING);
            }
            return launch(spec, log, grace);
        } catch (IOException e) {
            throw doesNotStart(spec, e);
        }
    }

    /** Starts another process in the place of this one, which has ended; it goes on in the same log. */
    ManagedProcess again() {
        try {
            return launch(spec, log, grace);
        } catch (IOException e) {
            throw doesNotStart(spec, e);
        }
    }

    private static ManagedProcess launch(ProcessSpec spec, Path log, Duration grace) throws IOException {
        Files.createDirectories(log.getParent());
        long logStart = Files.exists(log) ? Files.size(log) : 0;
        if (spec.readiness() instanceof ProcessSpec.Readiness.FileExists(Path file)) {
            Files.deleteIfExists(file);
        }
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "lorikeet-" + spec.name()));
        command.add(Long.toString(grace.toMillis() / 100));
        command.addAll(spec.command());
        // appended to, so that the file can be emptied under its writer
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(spec.environment());
        return new ManagedProcess(spec, log, grace, builder.start(), logStart);
    }

    private static CliException doesNotStart(ProcessSpec spec, IOException cause) {
        return new CliException("The " + spec.name() + " does not start: " + cause.getMessage(), cause);
    }

    public ProcessSpec spec() {
        return spec;
    }

    public Path log() {
        return log;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Its end in one line: the exit code and what its log says about the reason. */
    public String obituary() {
        return "The %s ended with exit code %d%s: %s\n(all of it: %s)"
                .formatted(
                        spec.name(),
                        process.exitValue(),
                        signal(process.exitValue()),
                        LogTail.tellingLine(log, logStart),
                        log);
    }

    /** A shell's way to say that a signal ended a process, and the JVM's. */
    private static String signal(int exitValue) {
        return switch (exitValue) {
            case 128 + 9 -> " (killed)";
            case 128 + 15 -> " (told to stop)";
            default -> "";
        };
    }

    /** Sends SIGTERM and does not wait. */
    public void requestStop() {
        process.destroy();
    }

    /** Kills it as a crash would: SIGKILL, without a chance to tidy up. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Sends SIGTERM, waits, and kills what is still there. */
    @Override
    public void close() {
        requestStop();
        try {
            if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }
}
