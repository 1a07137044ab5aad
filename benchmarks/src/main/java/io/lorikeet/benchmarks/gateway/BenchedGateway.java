package io.lorikeet.benchmarks.gateway;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.benchmarks.report.ProcessMemory;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.contracts.keys.ApiKey;
import io.lorikeet.contracts.keys.KeyFile;
import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The packaged gateway as a process that takes the machine's memory for 512 MB, and asks for keys. */
final class BenchedGateway implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(1);

    private final ManagedProcess process;
    private final URI address;
    private final String key;

    private BenchedGateway(ManagedProcess process, URI address, String key) {
        this.process = process;
        this.address = address;
        this.key = key;
    }

    /**
     * With the flags of its image; the memory is what its container is given.
     *
     * @param traces where its traces go; empty: it makes none
     */
    static BenchedGateway start(Path state, URI inference, String bootstrapServers, Optional<URI> traces)
            throws IOException {
        List<Integer> ports = PortPlan.free(2);
        var issued =
                ApiKey.issue("bench", Set.of(Role.ASK), Set.of(), new Quota(null, 1_000_000_000, null), Instant.now());
        Path keys = Files.createDirectories(state).resolve("keys.json");
        KeyFile.write(keys, List.of(issued.key()));
        Map<String, String> environment = new HashMap<>(Map.of(
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", ports.get(0).toString(),
                "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                "QUARKUS_MANAGEMENT_PORT", ports.get(1).toString(),
                "KAFKA_BOOTSTRAP_SERVERS", bootstrapServers,
                "LORIKEET_INFERENCE_URL", inference.toString(),
                "LORIKEET_ACCESS_KEYS_FILE", keys.toString()));
        traces.ifPresent(to -> environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", to.toString()));
        URI management = URI.create("http://127.0.0.1:" + ports.get(1) + "/q/health/live");
        var process = ManagedProcess.start(
                new ProcessSpec(
                        "gateway",
                        ports.get(0),
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:MaxRAM=512m",
                                "-XX:MaxRAMPercentage=60",
                                "-XX:+UseSerialGC",
                                "-XX:+ExitOnOutOfMemoryError",
                                "-jar",
                                ProjectHome.current()
                                        .quarkusApp("gateway")
                                        .resolve("quarkus-run.jar")
                                        .toString()),
                        environment,
                        new ProcessSpec.Readiness.HttpOk(management)),
                state.resolve("logs"));
        var gateway = new BenchedGateway(process, URI.create("http://127.0.0.1:" + ports.get(0)), issued.secret());
        gateway.awaitLive(management);
        return gateway;
    }

    private void awaitLive(URI health) {
        long end = System.nanoTime() + START.toNanos();
        try (var http = HttpClient.newHttpClient()) {
            while (true) {
                try {
                    if (http.send(HttpRequest.newBuilder(health).build(), BodyHandlers.discarding())
                                    .statusCode()
                            == 200) {
                        return;
                    }
                } catch (IOException e) {
                    if (!process.isAlive() || System.nanoTime() > end) {
                        throw new CliException("the gateway does not start; see " + process.log(), e);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new CliException("interrupted", e);
                }
                pause(Duration.ofMillis(50));
            }
        }
    }

    URI address() {
        return address;
    }

    String key() {
        return key;
    }

    ProcessMemory memory() {
        return ProcessMemory.of(process.pid());
    }

    @Override
    public void close() {
        process.close();
    }
}
