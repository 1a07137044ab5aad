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
import java.io.UncheckedIOException;
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

    /** The newest version stays by the policy; of the others, which are promoted and old enough at once, nothing does. */
    @Test
    void versionsInABucketAreDeletedByTheSameRulesAndOneThatFailsIsTakenUpAgain() throws Exception {
        awaitReady(start(broker()));
        awaitReady(start(service("trainer", "trainer-service")));
        var commands = new Topic(bootstrapServers(), Topics.COMMANDS);
        var checkpoints = new Topic(bootstrapServers(), Topics.CHECKPOINTS);
        List<QuickJob> jobs = List.of(QuickJob.of("bird"), QuickJob.of("bird"), QuickJob.of("bird"));
        for (int i = 0; i < jobs.size(); i++) {
            int count = i + 1;
            commands.publish(jobs.get(i).jobId(), jobs.get(i).bytes());
            Await.until("version " + count, () -> checkpoints.read().size() == count);
        }
        // the topic's older versions count only as far back as one; the first is neither served nor the newest
        Path objects = state.resolve("s3/buckets/adapters/prod/bird");
        Path first = objects.resolve(jobs.getFirst().jobId());
        Await.until("the first job's record says that it has ended", () -> prune().out()
                .contains(first.getFileName().toString()));

        assertThat(prune().out()).contains("version " + jobs.getFirst().jobId() + "@4", "--yes deletes them");
        assertThat(files(first)).isNotEmpty();
        s3.stop();
        assertThat(prune("--yes").exitCode()).isEqualTo(1);
        s3.start();
        assertThat(files(first)).as("the store was away").isNotEmpty();
        Cli.Result pruned = prune("--yes");

        assertThat(pruned.exitCode()).as(pruned.err()).isZero();
        assertThat(files(first)).isEmpty();
        assertThat(files(objects.resolve(jobs.getLast().jobId())))
                .extracting(file -> file.getFileName().toString())
                .contains("checkpoint.json", "adapter_model.safetensors");
        assertThat(prune().out()).contains("Nothing to delete");
    }

    private Cli.Result prune(String... more) {
        List<String> command = new ArrayList<>(List.of(
                java("java"),
                "-Dlorikeet.home=" + home.root(),
                "-jar",
                home.root().resolve("cli/target/lorikeet-cli.jar").toString()));
        command.addAll(
                List.of("prune", "--adapters-root", state.resolve("trainer").toString()));
        command.addAll(List.of("--adapters-store", "s3://adapters/prod", "--bootstrap-servers", bootstrapServers()));
        command.addAll(List.of("--versions", "1", "--runs", "0d", "--checkpoints", "0d"));
        command.addAll(List.of(more));
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(s3.environment());
        try {
            return Cli.finish(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
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
