package io.lorikeet.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
final class Tool {
    private static final int TIMEOUT_SECONDS = 120;

    private Tool() {}

    /** How it ended. */
    record Result(int exitCode, String out, String err) {
        /** What it printed; an error if it failed. */
        String orThrow() {
            if (exitCode != 0) {
                throw new AssertionError("exit code %d\n%s\n%s".formatted(exitCode, out, err));
            }
            return out;
        }
    }

    /** Runs it in the project's folder. A program that is missing is an error, and so is one that does not end. */
    static Result run(List<String> command, Map<String, String> environment) {
        try {
            Path err = Files.createTempFile("tool", ".err");
            Process process = null;
            try {
                var builder = new ProcessBuilder(command)
                        .directory(Project.ROOT.toFile())
                        .redirectError(err.toFile());
                builder.environment().putAll(environment);
                process = builder.start();
                process.getOutputStream().close();
                String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError(command + " does not end");
                }
                return new Result(process.exitValue(), out, Files.readString(err));
            } finally {
                if (process != null) {
                    process.destroyForcibly();
                }
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(command.getFirst() + " does not run; deploy/test/install-tools gets it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The same with this process's environment. */
    static Result run(String... command) {
        return run(List.of(command), Map.of());
    }
}
