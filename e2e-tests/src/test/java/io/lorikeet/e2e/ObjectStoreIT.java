package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.broker.BrokerMain;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.store.testing.S3Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A trainer and replicas that share no folder, only a bucket of a real S3 server. */
@ExtendWith(SharedStack.Resolver.class)
@Timeout(value = 5, unit = MINUTES)
class ObjectStoreIT {
    private static final String QUESTION = "你是谁?";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final List<ManagedProcess> running = new ArrayList<>();
    private final ProjectHome home = ProjectHome.current();
    private final int brokerPort = PortPlan.free(1).getFirst();
    private Path state;
    private S3Server s3;

    @BeforeEach
    void startStore() throws Exception {
        state = Files.createTempDirectory(Files.createDirectories(Path.of("target/states")), "object store ")
                .toAbsolutePath();
        s3 = S3Server.start(home.root().resolve("adapter-store"), state.resolve("s3"));
        s3.createBucket("adapters");
    }

    @AfterEach
    void stopAll() throws Exception {
        running.reversed().forEach(ManagedProcess::close);
        s3.close();
    }

    @Test
    void aReplicaServesWhatATrainerElsewhereHasKept(SharedStack shared) throws Exception {
        awaitReady(start(broker()));
        ManagedProcess trainer = start(service("trainer", "trainer-service"));
        ManagedProcess first = start(service("inference-1", "inference-service"));
        awaitReady(trainer);
        awaitReady(first);
        QuickJob job = QuickJob.of("stored");
        new Topic(bootstrapServers(), Topics.COMMANDS).publish(job.jobId(), job.bytes());

        CheckpointEvent checkpoint = awaitCheckpoint();

        assertThat(checkpoint.uri().toString()).startsWith("s3://adapters/prod/stored/" + job.jobId() + "/");
        Inference replica = new Inference(first.spec().port());
        Await.until("the replica serves it", () -> served(first).contains(checkpoint.version()));
        Inference.Answer answer = replica.ask("stored", QUESTION);
        assertThat(answer.version()).isEqualTo(checkpoint.version());

        // a replica that starts while the store is away waits for it, instead of serving less than the others
        s3.stop();
        ManagedProcess second = start(service("inference-2", "inference-service"));
        Await.until("the second replica says that it waits", () -> get(second, "/q/health/ready")
                .contains("waits stored"));
        assertThat(get(second, "/q/health/ready")).contains("\"status\": \"DOWN\"", "s3://adapters/prod/stored");
        assertThat(replica.ask("stored", QUESTION))
                .as("the first needs it no more")
                .isEqualTo(answer);
        s3.start();
        awaitReady(second);
        assertThat(new Inference(second.spec().port()).ask("stored", QUESTION)).isEqualTo(answer);

        assertThat(logs()).contains("software.amazon.awssdk").doesNotContain(S3Server.SECRET_KEY);
        assertThat(instances(first, "DefaultS3Client")).isPositive();
        assertThat(instances(shared.stack().process("inference"), "DefaultS3Client"))
                .as("clients of a replica that reads a folder")
                .isZero();
        assertThat(instances(shared.stack().process("trainer"), "DefaultS3Client"))
                .isZero();
    }

    private ManagedProcess start(ProcessSpec spec) throws IOException {
        Files.createDirectories(state.resolve("logs"));
        ManagedProcess process = ManagedProcess.start(spec, state.resolve("logs"));
        running.add(process);
        return process;
    }

    private static void awaitReady(ManagedProcess process) {
        Await.until(process.spec().name() + " is ready", () -> {
            if (!process.isAlive()) {
                throw new AssertionError(process.obituary());
            }
            return switch (process.spec().readiness()) {
                case Readiness.FileExists(Path file) -> Files.exists(file);
                case Readiness.HttpOk(URI uri) ->
                    get(process, uri.getPath()).contains("\"status\": \"UP\"")
                            && !get(process, uri.getPath()).contains("\"status\": \"DOWN\"");
            };
        });
    }

    private ProcessSpec broker() {
        Path ready = state.resolve("broker.ready");
        return new ProcessSpec(
                "broker",
                brokerPort,
                List.of(
                        java("java"),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerMain.class.getName(),
                        Integer.toString(brokerPort),
                        state.resolve("kafka").toString(),
                        ready.toString()),
                Map.of(),
                new Readiness.FileExists(ready));
    }

    private ProcessSpec service(String name, String module) {
        List<Integer> ports = PortPlan.free(2);
        Map<String, String> environment = new HashMap<>(s3.environment());
        environment.put("LORIKEET_MODEL", home.defaultModel().toString());
        environment.put("LORIKEET_ADAPTERS_ROOT", state.resolve(name).toString());
        environment.put("LORIKEET_ADAPTERS_STORE", "s3://adapters/prod");
        environment.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers());
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(ports.get(0)));
        environment.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(ports.get(1)));
        // the SDK at its most talkative
        environment.put("QUARKUS_LOG_CATEGORY__SOFTWARE_AMAZON_AWSSDK__LEVEL", "DEBUG");
        environment.put("OPT_OUT_TRACKING", "true");
        return new ProcessSpec(
                name,
                ports.get(0),
                List.of(
                        java("java"),
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-jar",
                        home.quarkusApp(module).resolve("quarkus-run.jar").toString()),
                environment,
                new Readiness.HttpOk(URI.create("http://127.0.0.1:" + ports.get(1) + "/q/health/ready")));
    }

    private CheckpointEvent awaitCheckpoint() {
        var topic = new Topic(bootstrapServers(), Topics.CHECKPOINTS);
        Await.until("a checkpoint event", () -> !topic.read().isEmpty());
        return Json.read(topic.read().getLast().value(), CheckpointEvent.class);
    }

    private static String served(ManagedProcess replica) {
        return get(replica, "/q/metrics")
                .lines()
                .filter(line -> line.startsWith("lorikeet_adapter_info"))
                .findFirst()
                .orElse("");
    }

    private String bootstrapServers() {
        return "127.0.0.1:" + brokerPort;
    }

    private static String get(ManagedProcess process, String path) {
        try {
            return HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                            + process.spec().environment().get("QUARKUS_MANAGEMENT_PORT") + path))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return ""; // not up yet
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private String logs() throws IOException {
        var all = new StringBuilder();
        try (var files = Files.list(state.resolve("logs"))) {
            for (Path file : files.toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    /** Objects of classes whose name ends so that live in a process. */
    private static long instances(ManagedProcess process, String className) throws IOException {
        Process jcmd = new ProcessBuilder(java("jcmd"), Long.toString(process.pid()), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String histogram = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(histogram).contains("java.lang.String");
        return histogram
                .lines()
                .filter(line -> line.strip().matches(".*\\." + className + "( .*)?"))
                .count();
    }

    private static String java(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }
}
