package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's chromium without a window; every name that ends in .example is this machine. */
final class Browser implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Path profile;
    private final Path log;
    private Process process;

    Browser() throws IOException {
        profile = Files.createTempDirectory("lorikeet-browser");
        log = Files.createTempFile("lorikeet-browser", ".log");
    }

    /** Opens a page and leaves it open. */
    void open(String address) throws IOException {
        process = start(List.of(address));
    }

    /** Opens a page, lets its scripts and requests come to rest, and returns what is there then. */
    String read(String address) throws IOException, InterruptedException {
        process = start(List.of("--virtual-time-budget=20000", "--dump-dom", address));
        var html = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the browser does not end: " + log());
        }
        return html;
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    private Process start(List<String> arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--host-resolver-rules=MAP *.example 127.0.0.1",
                "--user-data-dir=" + profile));
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectError(log.toFile()).start();
    }

    @Override
    public void close() throws IOException {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().onExit().join();
        }
        try (var files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
        Files.delete(log);
    }
}
