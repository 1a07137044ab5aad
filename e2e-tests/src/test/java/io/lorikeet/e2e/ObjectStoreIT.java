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

    private final ProjectHome home = ProjectHome.current();
    private final int brokerPort = PortPlan.free(1).getFirst();
    private Path state;
    private Services services;
    private S3Server s3;

    @BeforeEach
    void startStore() throws Exception {
        state = Services.state("object store");
        services = new Services(state);
        s3 = S3Server.start(home.root().resolve("adapter-store"), state.resolve("s3"));
        s3.createBucket("adapters");
    }

    @AfterEach
    void stopAll() throws Exception {
        services.close();
        s3.close();
    }

    @Test
    void aReplicaServesWhatATrainerElsewhereHasKept(SharedStack shared) throws Exception {
        Services.awaitReady(services.start(broker()));
        ManagedProcess trainer = start("trainer", "trainer-service");
        ManagedProcess first = start("inference-1", "inference-service");
        Services.awaitReady(trainer);
        Services.awaitReady(first);
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
        ManagedProcess second = start("inference-2", "inference-service");
        Await.until("the second replica says that it waits", () -> Services.get(second, "/q/health/ready")
                .contains("waits stored"));
        assertThat(Services.get(second, "/q/health/ready"))
                .contains("\"status\": \"DOWN\"", "s3://adapters/prod/stored");
        assertThat(replica.ask("stored", QUESTION))
                .as("the first needs it no more")
                .isEqualTo(answer);
        s3.start();
        Services.awaitReady(second);
        assertThat(new Inference(second.spec().port()).ask("stored", QUESTION)).isEqualTo(answer);

        assertThat(services.logs()).contains("software.amazon.awssdk").doesNotContain(S3Server.SECRET_KEY);
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
        Services.awaitReady(services.start(broker()));
        Services.awaitReady(start("trainer", "trainer-service"));
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
                Services.java("java"),
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

    private ProcessSpec broker() {
        Path ready = state.resolve("broker.ready");
        return new ProcessSpec(
                "broker",
                brokerPort,
                List.of(
                        Services.java("java"),
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

    private ManagedProcess start(String name, String module) throws IOException {
        Map<String, String> environment = new HashMap<>(s3.environment());
        environment.put("LORIKEET_ADAPTERS_STORE", "s3://adapters/prod");
        environment.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers());
        // the SDK at its most talkative
        environment.put("QUARKUS_LOG_CATEGORY__SOFTWARE_AMAZON_AWSSDK__LEVEL", "DEBUG");
        return services.start(name, module, environment);
    }

    private CheckpointEvent awaitCheckpoint() {
        var topic = new Topic(bootstrapServers(), Topics.CHECKPOINTS);
        Await.until("a checkpoint event", () -> !topic.read().isEmpty());
        return Json.read(topic.read().getLast().value(), CheckpointEvent.class);
    }

    private static String served(ManagedProcess replica) {
        return Services.get(replica, "/q/metrics")
                .lines()
                .filter(line -> line.startsWith("lorikeet_adapter_info"))
                .findFirst()
                .orElse("");
    }

    private String bootstrapServers() {
        return "127.0.0.1:" + brokerPort;
    }

    /** Objects of classes whose name ends so that live in a process. */
    private static long instances(ManagedProcess process, String className) throws IOException {
        Process jcmd = new ProcessBuilder(Services.java("jcmd"), Long.toString(process.pid()), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String histogram = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(histogram).contains("java.lang.String");
        return histogram
                .lines()
                .filter(line -> line.strip().matches(".*\\." + className + "( .*)?"))
                .count();
    }
}
