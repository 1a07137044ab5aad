package io.lorikeet.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/** A real Kafka broker in a process of its own, on a free port; it can be killed and started again on the same folder. */
public final class Broker implements AutoCloseable {
    private static final String CLUSTER_ID = "bG9yaWtlZXQtdHJhaW5lcg";
    private static final Duration START = Duration.ofSeconds(90);

    private final Path folder;
    private final int port = freePort();
    private Process process;

    private Broker(Path folder) {
        this.folder = folder;
    }

    /** Starts a broker whose share group locks last {@code lock}. */
    public static Broker start(Path folder, Duration lock) throws IOException, InterruptedException {
        var broker = new Broker(folder);
        broker.configure(lock);
        broker.run(
                "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", broker.properties());
        if (!broker.process.waitFor(START.toSeconds(), TimeUnit.SECONDS) || broker.process.exitValue() != 0) {
            throw new IllegalStateException("the broker's folder could not be made: " + broker.log());
        }
        broker.start();
        return broker;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    public void start() throws IOException, InterruptedException {
        run("kafka.Kafka", properties());
        long deadline = System.nanoTime() + START.toNanos();
        while (true) {
            try (Admin admin = Admin.create(Map.of(
                    "bootstrap.servers",
                    bootstrapServers(),
                    "default.api.timeout.ms",
                    2_000,
                    "request.timeout.ms",
                    1_000))) {
                admin.describeCluster().nodes().get();
                return;
            } catch (ExecutionException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IllegalStateException("the broker did not start: " + log(), e);
                }
            }
        }
    }

    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void configure(Duration lock) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(Path.of(properties()), """
                process.roles=broker,controller
                node.id=1
                listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
                advertised.listeners=PLAINTEXT://127.0.0.1:%d
                controller.listener.names=CONTROLLER
                controller.quorum.voters=1@127.0.0.1:%d
                log.dirs=%s
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=1
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                share.coordinator.state.topic.num.partitions=1
                group.initial.rebalance.delay.ms=0
                group.share.record.lock.duration.ms=%d
                group.share.min.record.lock.duration.ms=1000
                group.share.session.timeout.ms=%d
                group.share.min.session.timeout.ms=1000
                group.share.heartbeat.interval.ms=%d
                group.share.min.heartbeat.interval.ms=200
                log.cleaner.dedupe.buffer.size=2097152
                """.formatted(
                        port,
                        port2,
                        port,
                        port2,
                        folder.resolve("data"),
                        lock.toMillis(),
                        Math.min(45_000, 2 * lock.toMillis()),
                        lock.toMillis() / 5));
    }

    private final int port2 = freePort();

    private String properties() {
        return folder.resolve("server.properties").toString();
    }

    private void run(String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Files.readString(Path.of("target", "broker", "classpath")).strip(),
                main));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
