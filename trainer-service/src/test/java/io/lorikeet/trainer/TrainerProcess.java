package io.lorikeet.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged trainer in a process of its own. */
final class TrainerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);

    private final int port;
    private final Path log;
    private final Process process;

    TrainerProcess(Broker broker, Path work, Path model, Path data) throws IOException {
        this(broker, work, model, data, Map.of(), "unlimited");
    }

    /**
     * @param environment beside what every trainer of the tests has
     * @param fileBlocks the largest file that it can write, in KiB, or {@code unlimited}: its disk is full beyond that
     */
    TrainerProcess(Broker broker, Path work, Path model, Path data, Map<String, String> environment, String fileBlocks)
            throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Files.createDirectories(work);
        log = Files.createTempFile(work, "trainer", ".log");
        // exec: the process that is killed is the trainer, and no shell in front of it
        var builder = new ProcessBuilder(
                "bash",
                "-c",
                "ulimit -S -f %s && exec \"$@\"".formatted(fileBlocks),
                "trainer",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                System.getProperty("trainer.jar"));
        builder.environment().put("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers());
        builder.environment().put("QUARKUS_MANAGEMENT_PORT", Integer.toString(port));
        builder.environment().put("LORIKEET_MODEL", model.toString());
        builder.environment().put("LORIKEET_DATA_ROOT", data.toString());
        builder.environment()
                .put("LORIKEET_ADAPTERS_ROOT", work.resolve("adapters").toString());
        builder.environment().put("LORIKEET_QUEUE_RETRY_DELAY", "200ms");
        // another service's variable, as it may well stand in a shared environment
        builder.environment().put("LORIKEET_INFERENCE_URL", "http://localhost:8001");
        builder.environment().putAll(environment);
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    TrainerProcess awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (status("/q/health/ready") != 200) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("the trainer is not ready: " + log());
            }
            Thread.sleep(200);
        }
        return this;
    }

    void awaitStatus(String path, int status) throws InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (status(path) != status) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("%s does not become %d: %s".formatted(path, status, log()));
            }
            Thread.sleep(100);
        }
    }

    int status(String path) throws InterruptedException {
        try {
            return get(path).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    String body(String path) throws IOException, InterruptedException {
        return get(path).body();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    /** From now on its disk has room. */
    void liftFileLimit() throws IOException, InterruptedException {
        int exit = new ProcessBuilder("prlimit", "--pid", Long.toString(process.pid()), "--fsize=unlimited")
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("prlimit failed with " + exit);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void killHard() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; returns the exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the trainer does not stop: " + log());
        }
        return process.exitValue();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the trainer does not end: " + log());
        }
        return process.exitValue();
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
