package io.lorikeet.benchmarks.load;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.benchmarks.report.ProcessMemory;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.broker.EmbeddedBroker;
import io.lorikeet.cli.broker.KafkaLayout;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.NativeSettings;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The packaged inference service as a process, a real broker in this JVM, and a producer for its checkpoint topic. */
public final class ServedInference implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final Duration START = Duration.ofMinutes(3);

    private final EmbeddedBroker broker;
    private final ManagedProcess process;
    private final Announcer announcer;
    private final URI address;
    private final ChatClient client;
    private final ChatClient management;

    private ServedInference(EmbeddedBroker broker, ManagedProcess process, URI address, URI management) {
        this.broker = broker;
        this.process = process;
        this.address = address;
        this.announcer = new Announcer(broker.bootstrapServers());
        this.client = new ChatClient(address);
        this.management = new ChatClient(management);
    }

    /** Where health and metrics are. */
    private static URI management(int port) {
        return URI.create("http://" + HOST + ":" + port);
    }

    /**
     * Starts both, and returns when the service is ready.
     *
     * @param state folder for logs and the broker's data
     * @param settings of the service, as environment variables
     */
    public static ServedInference start(Path state, Path model, Path adaptersRoot, Map<String, String> settings) {
        List<Integer> ports = PortPlan.free(3);
        EmbeddedBroker broker = EmbeddedBroker.start(state.resolve("kafka"), ports.get(0));
        KafkaLayout.apply(broker.bootstrapServers());
        URI address = URI.create("http://" + HOST + ":" + ports.get(1));
        var served = new ServedInference(
                broker,
                ManagedProcess.start(
                        spec(broker, ports.get(1), ports.get(2), model, adaptersRoot, settings), state.resolve("logs")),
                address,
                management(ports.get(2)));
        try {
            served.awaitReady();
            return served;
        } catch (RuntimeException e) {
            served.close();
            throw e;
        }
    }

    private static ProcessSpec spec(
            EmbeddedBroker broker,
            int port,
            int management,
            Path model,
            Path adaptersRoot,
            Map<String, String> settings) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "QUARKUS_MANAGEMENT_HOST", HOST,
                "QUARKUS_MANAGEMENT_PORT", Integer.toString(management),
                "QUARKUS_HTTP_HOST", HOST,
                "QUARKUS_HTTP_PORT", Integer.toString(port),
                "KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers(),
                "LORIKEET_MODEL", model.toAbsolutePath().toString(),
                "LORIKEET_ADAPTERS_ROOT", adaptersRoot.toAbsolutePath().toString(),
                "OPT_OUT_TRACKING", "true"));
        // as ./lorikeet starts it
        environment.putAll(NativeSettings.serving());
        environment.putAll(settings);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dai.djl.offline=true",
                "-jar",
                ProjectHome.current()
                        .quarkusApp("inference-service")
                        .resolve("quarkus-run.jar")
                        .toString());
        return new ProcessSpec(
                "inference",
                port,
                command,
                environment,
                new ProcessSpec.Readiness.HttpOk(management(management).resolve("/q/health/ready")));
    }

    private void awaitReady() {
        long end = System.nanoTime() + START.toNanos();
        while (!isReady()) {
            if (!process.isAlive()) {
                throw new CliException(process.obituary());
            }
            if (System.nanoTime() > end) {
                throw new CliException("the inference service is not ready after " + START + "; see " + process.log());
            }
            pause(Duration.ofMillis(50));
        }
    }

    private boolean isReady() {
        try {
            return management.get("/q/health/ready").contains("\"status\": \"UP\"");
        } catch (UncheckedIOException e) {
            return false; // not listening yet
        }
    }

    public URI address() {
        return address;
    }

    /** Of the broker. */
    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Announces a version; returns when the broker has it. */
    public void publish(CheckpointEvent event) {
        announcer.publish(event);
    }

    /** Any message under any name; null is a tombstone. */
    public void publish(String adapter, String value) {
        announcer.publish(Topics.CHECKPOINTS, adapter, value);
    }

    /** Memory of the service's process. */
    public ProcessMemory memory() {
        return ProcessMemory.of(process.pid());
    }

    /**
     * Bytes of the service's objects that survive a full collection, which this makes. The heap's used part is no measure of
     * them: the serial collector leaves dead objects where moving the live ones would not pay, some ten megabytes at times.
     */
    public long liveHeap() {
        return ClassHistogram.of(process.pid()).liveBytes();
    }

    /** Sum of the metrics whose series begin so. */
    public double metric(String series) {
        return management
                .get("/q/metrics")
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Lines of the service's log that are errors. */
    public List<String> errors() {
        try {
            return Files.readAllLines(process.log()).stream()
                    .filter(line -> line.contains(" ERROR "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(process.log() + " cannot be read", e);
        }
    }

    /** Its log. */
    public Path log() {
        return process.log();
    }

    @Override
    public void close() {
        client.close();
        management.close();
        announcer.close();
        process.close();
        broker.close();
    }
}
