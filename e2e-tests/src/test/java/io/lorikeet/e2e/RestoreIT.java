package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.Lorikeet;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.stack.LocalStack;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.StackListener;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The backup and restore of docs/operations.md: Kafka is lost, the adapters' volume is there. */
@ExtendWith(SharedStack.Resolver.class)
@Timeout(value = 5, unit = MINUTES)
class RestoreIT {
    private static final String QUESTION = "你是谁?";

    /** What is served first, what is to be done last. */
    private static final List<String> TOPICS = List.of(Topics.CHECKPOINTS, Topics.EVENTS, Topics.COMMANDS);

    @Test
    void aStackRestoredFromNothingServesTheSameVersionsAndNoRetiredOneAndTrainsNothingAgain(SharedStack shared)
            throws Exception {
        CheckpointEvent kept = shared.train(QuickJob.of(SharedStack.unique("kept")));
        CheckpointEvent retired = shared.train(QuickJob.of(SharedStack.unique("retired")));
        retire(shared.stack().gateway(), retired.adapter());
        Inference.Answer answer = shared.inference().ask(kept.adapter(), QUESTION);
        Path state =
                Files.createTempDirectory(Path.of("target/states"), "restored ").toAbsolutePath();
        for (String topic : TOPICS) {
            topics("dump", shared.stack().bootstrapServers(), "--topic", topic, "--out", dump(state, topic));
        }
        StackOptions options = shared.stack().options();
        Files.createSymbolicLink(state.resolve("adapters"), options.adapters().toAbsolutePath());

        try (LocalStack restored = LocalStack.start(
                new StackOptions(
                        options.home(),
                        state,
                        options.model(),
                        PortPlan.free(),
                        1,
                        options.defaultAdapter(),
                        StackOptions.START_TIMEOUT),
                StackListener.silent())) {
            var gateway = new GatewayClient(restored.gateway());
            assertThat(gateway.adapters()).as("it begins with nothing").isEmpty();
            for (String topic : TOPICS) {
                topics("restore", restored.bootstrapServers(), "--in", dump(state, topic));
            }

            Await.until("the restored stack serves " + kept.version(), () -> gateway.servedVersion(kept.adapter())
                    .filter(kept.version()::equals)
                    .isPresent());
            Await.until("the restored gateway knows every job", () -> gateway.jobs()
                    .equals(shared.gateway().jobs()));
            assertThat(asked(gateway)).isEqualTo(asked(shared.gateway()));
            assertThat(new Inference(restored.options().ports().inference()).ask(kept.adapter(), QUESTION))
                    .isEqualTo(answer);
            assertThat(gateway.servedVersion(retired.adapter())).isEmpty();

            // its trainer takes the old commands first, and finds what became of them
            QuickJob job = QuickJob.of(SharedStack.unique("after"));
            gateway.submit(job.bytes());
            Await.until("the restored stack trains", () -> gateway.servedVersion(job.adapter())
                    .isPresent());
            assertThat(gateway.jobs())
                    .filteredOn(each -> !each.path("job_id").asText().equals(job.jobId()))
                    .isEqualTo(shared.gateway().jobs());
        }
    }

    /** What is to be served, without what each stack's own replicas say. */
    private static List<JsonNode> asked(GatewayClient gateway) {
        // what is asked under its name: a version that was uploaded and never promoted is no part of the topics'
        // promise
        return gateway.adapters().stream()
                .filter(adapter -> adapter.hasNonNull("version"))
                .<JsonNode>map(adapter -> ((ObjectNode) adapter).without("replicas"))
                .toList();
    }

    private static String dump(Path state, String topic) {
        return state.resolve(topic + ".jsonl").toString();
    }

    private static void topics(String command, String bootstrapServers, String... options) {
        String[] arguments = new String[4 + options.length];
        System.arraycopy(new String[] {"topics", command, "--bootstrap-servers", bootstrapServers}, 0, arguments, 0, 4);
        System.arraycopy(options, 0, arguments, 4, options.length);
        assertThat(Lorikeet.commandLine().execute(arguments)).isZero();
    }

    private static void retire(URI gateway, String adapter) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(gateway.resolve("/v1/adapters/" + adapter))
                    .DELETE()
                    .build();
            assertThat(http.send(request, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(204);
        }
    }
}
