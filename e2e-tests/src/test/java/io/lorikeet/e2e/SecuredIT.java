package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.GatewayClient.Answer;
import io.lorikeet.cli.client.GatewayClient.Question;
import io.lorikeet.cli.client.JobFollower;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The services and the command line with a broker that asks for TLS and for a user. */
@Timeout(value = 5, unit = MINUTES)
class SecuredIT {
    private Path state;
    private Services services;
    private SecureBroker broker;
    private TraceCollector traces;

    @BeforeEach
    void startBroker() throws Exception {
        state = Services.state("secured");
        services = new Services(state);
        broker = SecureBroker.start(state);
        traces = new TraceCollector();
    }

    @AfterEach
    void stopAll() {
        services.close();
        broker.close();
        traces.close();
    }

    @Test
    void trainsAndServesThroughABrokerThatAsksForTlsAndAUser() throws Exception {
        assertThat(cli(broker.scram(), "topics").err()).doesNotContain("rror");
        Map<String, String> shared = Map.of(
                "LORIKEET_ADAPTERS_ROOT",
                state.resolve("adapters").toString(),
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                traces.endpoint().toString(),
                "QUARKUS_OTEL_BSP_SCHEDULE_DELAY",
                "200ms",
                "QUARKUS_LOG_CONSOLE_JSON_ENABLED",
                "true");
        ManagedProcess trainer = services.start("trainer", "trainer-service", with(broker.scram(), shared));
        ManagedProcess inference = services.start("inference", "inference-service", with(broker.plain(), shared));
        ManagedProcess gateway = services.start(
                "gateway",
                "gateway",
                with(
                        with(broker.scram(), shared),
                        Map.of(
                                "LORIKEET_INFERENCE_URL",
                                "http://127.0.0.1:" + inference.spec().port())));
        List.of(trainer, inference, gateway).forEach(Services::awaitReady);
        var client = new GatewayClient(
                URI.create("http://127.0.0.1:" + gateway.spec().port()));
        QuickJob job = QuickJob.of("secured");

        String jobId = client.submit(job.bytes()).jobId();

        assertThat(new JobFollower(client, _ -> {}).follow(jobId)).isInstanceOf(TrainingEvent.Succeeded.class);
        Await.until(
                "the replica serves it",
                () -> client.servedVersion("secured").isPresent()
                        && Services.get(inference, "/q/metrics").contains("lorikeet_adapter_info{adapter=\"secured\""));
        Answer answer = client.ask(Question.of("你好").to("secured"));
        assertThat(answer.adapter()).isEqualTo("secured");
        assertTraced(jobId);

        // what the command line knows of the services' users, by its own file of properties and by their variables
        Path dump = state.resolve("dump");
        Cli.Result dumped = cli(
                Map.of(),
                "topics",
                "dump",
                "--topic",
                Topics.CHECKPOINTS,
                "--out",
                dump.toString(),
                "--bootstrap-servers",
                broker.secure(),
                "--command-config",
                properties(broker.plain()).toString());
        assertThat(dumped.exitCode()).as(dumped.err()).isZero();
        assertThat(Files.readString(dump)).contains(jobId);
        Cli.Result pruned = cli(
                with(broker.scram(), shared),
                "prune",
                "--adapters-root",
                state.resolve("adapters").toString(),
                "--bootstrap-servers",
                broker.secure());
        assertThat(pruned.exitCode()).as(pruned.err()).isZero();
        assertThat(pruned.out()).contains("Nothing to delete");
        assertThat(services.logs()).doesNotContain("\"level\":\"ERROR\"", "staple");
    }

    /** Both ways, over HTTP and over Kafka and back, with the parts that somebody asks about who waits. */
    private void assertTraced(String jobId) throws IOException {
        awaitTold(
                "POST /ask",
                "lorikeet-gateway POST /ask",
                "lorikeet-gateway POST",
                "lorikeet-inference POST /v1/chat/completions",
                "lorikeet-inference queue",
                "lorikeet-inference prefill",
                "lorikeet-inference decode");
        awaitTold(
                "POST /v1/training/jobs",
                "lorikeet-gateway POST /v1/training/jobs",
                "lorikeet-trainer lorikeet.training.commands process",
                "lorikeet-trainer dataset",
                "lorikeet-trainer model",
                "lorikeet-trainer training",
                "lorikeet-inference load adapter",
                "lorikeet-inference swap");
        String training = traces.newest("POST /v1/training/jobs");
        assertThat(services.logs().lines().filter(line -> line.contains(training)))
                .as("lines of the job that name its trace")
                .anyMatch(line -> line.contains(jobId) && line.contains("io.lorikeet.trainer"))
                .anyMatch(line -> line.contains(jobId) && line.contains("io.lorikeet.audit"));
    }

    /** Waits for the parts of the newest trace that begins so, and for the whole into which each belongs. */
    private void awaitTold(String begin, String... names) {
        Await.until(() -> "the trace of " + begin + " has " + List.of(names) + " among " + traces.all(), () -> {
            List<TraceCollector.Part> parts = traces.of(traces.newest(begin));
            Set<String> ids = parts.stream().map(TraceCollector.Part::id).collect(Collectors.toSet());
            return parts.stream()
                            .map(part -> part.service() + " " + part.name())
                            .toList()
                            .containsAll(List.of(names))
                    && parts.stream().map(TraceCollector.Part::parent).allMatch(id -> id.isEmpty() || ids.contains(id));
        });
    }

    @Test
    void aWrongPasswordIsOneErrorThatSaysWhatToPutRight() throws Exception {
        Map<String, String> wrong = with(broker.scram(), Map.of("KAFKA_SASL_PASSWORD", "guessed"));
        List<ManagedProcess> refused = List.of(
                services.start("trainer", "trainer-service", wrong),
                services.start("inference", "inference-service", wrong),
                services.start("gateway", "gateway", wrong));

        for (ManagedProcess service : refused) {
            Await.until(
                    service.spec().name() + " says why it is not ready",
                    () -> Services.get(service, "/q/health/ready").contains("refuses the user"));
            assertThat(Services.get(service, "/q/health/ready"))
                    .contains("\"status\": \"DOWN\"", broker.secure(), "kafka.sasl.password");
        }
        assertThat(services.logs().lines().filter(line -> line.contains(" ERROR ")))
                .as("an error at most for each service; readiness may know before the log says it")
                .hasSizeBetween(1, refused.size())
                .allMatch(line -> line.contains("refuses the user") && line.contains("SCRAM-SHA-512"));
        Cli.Result topics = cli(wrong, "topics");
        assertThat(topics.exitCode()).isEqualTo(1);
        assertThat(topics.err())
                .contains("refuses the user", "kafka.sasl.password")
                .doesNotContain("\tat ");
    }

    @Test
    void aBrokerWhoseCertificateNobodySignedIsNotTalkedTo() throws Exception {
        Certificate other = Certificate.make(state.resolve("certificates"), "other");
        Map<String, String> wrong = with(
                broker.scram(),
                Map.of("KAFKA_SSL_TRUSTSTORE_LOCATION", other.pem().toString()));

        Cli.Result topics = cli(wrong, "topics");

        assertThat(topics.exitCode()).isEqualTo(1);
        assertThat(topics.err()).contains("no TLS with", "kafka.ssl.truststore.location");
    }

    @Test
    void settingsThatDoNotFitTogetherAreRefusedAtOnce() throws Exception {
        Map<String, String> noTls = with(broker.scram(), Map.of("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT"));

        assertThat(cli(noTls, "topics").err()).contains("KAFKA_SECURITY_PROTOCOL", "SASL_SSL");
        ManagedProcess gateway = services.start("gateway", "gateway", noTls);
        Await.until("the gateway gives up", () -> !gateway.isAlive());
        assertThat(services.logs()).contains("KAFKA_SECURITY_PROTOCOL");
    }

    private Cli.Result cli(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Services.java("java"),
                "-Dlorikeet.home=" + ProjectHome.current().root(),
                "-jar",
                ProjectHome.current()
                        .root()
                        .resolve("cli/target/lorikeet-cli.jar")
                        .toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return Cli.finish(builder.start());
    }

    private Path properties(Map<String, String> environment) throws IOException {
        return Files.writeString(
                state.resolve("client.properties"),
                environment.entrySet().stream()
                        .map(each -> each.getKey()
                                        .substring("KAFKA_".length())
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', '.')
                                + "=" + each.getValue().replace("\\", "\\\\"))
                        .collect(Collectors.joining("\n")));
    }

    private static Map<String, String> with(Map<String, String> some, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(some);
        all.putAll(more);
        return all;
    }
}
