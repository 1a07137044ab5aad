package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.badrecords.ErrorShape;
import io.lorikeet.badrecords.RandomRequests;
import io.lorikeet.badrecords.RawHttp;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever comes is answered: in the right shape, in words, shortly; and the gateway goes on. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class AnyRequestTest {
    private static final int REQUESTS = 1_500;

    /** X stands for a name. */
    private static final List<String> PATHS = List.of(
            "/ask",
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/responses",
            "/v1/responses/X",
            "/v1/embeddings/X",
            "/v1/files",
            "/v1/files/X/content",
            "/v1/fine_tuning/jobs",
            "/v1/fine_tuning/jobs/X/pause",
            "/v1/models",
            "/v1/models/X",
            "/v1/training/jobs",
            "/v1/training/jobs/X",
            "/v1/training/jobs/X/events",
            "/v1/training/jobs/X/cancel",
            "/v1/adapters",
            "/v1/adapters/X",
            "/v1/adapters/X/rollback",
            "/schemas/X",
            "/schemas/training-command.json",
            "/docs",
            "/q/X",
            "/v1",
            "/v1/X",
            "/",
            "/X/X");

    private static final List<String> BODIES = List.of(
            "{\"question\": \"hi\"}",
            "{\"question\": \"hi\", \"max_new_tokens\": 1e400, \"temperature\": -0.0}",
            "{\"adapter\": \"a\", \"rows\": [{\"query\": \"q\"}], \"lora_rank\": 1e9, \"type\": \"cancel\"}",
            "{\"adapter\": \"../a\", \"dataset\": [\"/etc/passwd\"], \"acceptance\": [{}], \"job_id\": null}",
            "{\"model\": \"assistant\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
            "{\"version\": \"v\"}",
            "{\"question\": \"\\ud800\"}",
            "{\"question\":".repeat(1_200));

    /** What the parts behind the gateway may make of a request. */
    private static final Set<Integer> DOCUMENTED = Set.of(502, 503, 504);

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void isAnsweredInTheShapeOfItsPath(long seed) {
        var requests = new RandomRequests(new Random(seed), PATHS, BODIES);
        var wrong = new ArrayList<String>();
        for (int i = 0; i < REQUESTS; i++) {
            var request = requests.next();
            var answer = Http.raw(request.bytes());
            try {
                check(request, answer);
            } catch (AssertionError e) {
                wrong.add("request %d of seed %d: %s%nanswered %s%n%s"
                        .formatted(i, seed, request, answer, e.getMessage()));
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(Http.post("/ask", "{\"question\": \"hi\"}").status()).isEqualTo(200);
        await().untilAsserted(
                        () -> assertThat(Http.management("/q/health").status()).isEqualTo(200));
    }

    private static void check(RandomRequests.Request request, RawHttp.Answer answer) {
        assertThat(answer.status()).isPositive();
        if (!request.isUri()) {
            assertThat(answer.status()).isEqualTo(400);
            return;
        }
        if (answer.status() >= 500) {
            assertThat(DOCUMENTED).contains(answer.status());
        }
        if (answer.status() >= 400 && !request.method().equals("HEAD")) {
            ErrorShape.check(request.path(), answer);
        }
    }
}
