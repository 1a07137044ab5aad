package io.lorikeet.inference.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.badrecords.ErrorShape;
import io.lorikeet.badrecords.LoggedErrors;
import io.lorikeet.badrecords.RandomRequests;
import io.lorikeet.badrecords.RawHttp;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.TestModel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever comes is answered: in the right shape, in words, shortly; nothing of it stays, and the service goes on. */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class AnyRequestTest {
    private static final int REQUESTS = 1_500;

    /** What may be answered; 500 is a defect. */
    private static final Set<Integer> DOCUMENTED =
            Set.of(200, 204, 400, 403, 404, 405, 406, 413, 414, 415, 421, 422, 424, 429, 431, 503);

    /** X stands for a name. */
    private static final List<String> PATHS = List.of(
            "/v1/chat/completions",
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/models",
            "/v1/models/X",
            "/v1/models/tiny",
            "/v1/adapters/X/versions/X",
            "/v1/adapters/X/X",
            "/adapters",
            "/replica",
            "/q/X",
            "/v1",
            "/v1/X",
            "/",
            "/X/X");

    private static final List<String> BODIES = List.of(
            chat("\"hi\"", ""),
            chat("\"hi\"", ", \"stream\": true, \"stream_options\": {\"include_usage\": true}"),
            chat("\"hi\"", ", \"n\": 2, \"stop\": [\"a\", \"b\"], \"logprobs\": true, \"top_logprobs\": 2"),
            chat("\"hi\"", ", \"n\": 1e9, \"temperature\": -0.0, \"top_p\": 1e400"),
            chat("\"hi\"", ", \"seed\": 1e30, \"logit_bias\": {\"-1\": 1000}"),
            chat("\"hi\"", ", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\"}}]"),
            chat("\"hi\"", ", \"tools\": [{}], \"tool_choice\": {\"type\": \"function\"}"),
            chat(
                    "\"hi\"",
                    ", \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"schema\": {\"$ref\":"
                            + " \"#\"}}}"),
            chat("[{\"type\": \"text\", \"text\": \"hi\"}, {\"type\": \"image_url\"}]", ""),
            chat("\"\\ud800 \\u0000\"", ""),
            chat("\"" + "<|im_start|>".repeat(300) + "\"", ""),
            "{\"model\": \"%s\", \"prompt\": \"hi\", \"max_tokens\": 2, \"echo\": true}".formatted(TestModel.ID),
            "{\"model\": \"%s\", \"prompt\": [1, -1, 99999999999], \"max_tokens\": 2}".formatted(TestModel.ID),
            "{\"model\": \"nobody@v\", \"messages\": []}",
            "{\"type\": \"checkpoint\", \"adapter\": \"a\", \"version\": \"v\", \"uri\": \"file:///etc/passwd\","
                    + " \"files\": []}",
            "{\"messages\":".repeat(1_200));

    private static String chat(String content, String members) {
        return "{\"model\": \"%s\", \"max_tokens\": 3, \"messages\": [{\"role\": \"user\", \"content\": %s}]%s}"
                .formatted(TestModel.ID, content, members);
    }

    @Test
    void isAnsweredInTheShapeOfItsPathAndNothingOfItStays() {
        var requests = new RandomRequests(new Random(1), PATHS, BODIES);
        var wrong = new ArrayList<String>();
        try (var logged = new LoggedErrors()) {
            for (int i = 0; i < REQUESTS; i++) {
                var request = requests.next();
                var answer = Service.raw(request.bytes());
                try {
                    check(request, answer);
                } catch (AssertionError e) {
                    wrong.add("request %d: %s%nanswered %s%n%s".formatted(i, request, answer, e.getMessage()));
                }
            }
            assertThat(wrong).isEmpty();
            assertThat(logged.errors()).isEmpty();
        }

        await().untilAsserted(() -> {
            assertThat(Service.metric("lorikeet_num_requests_running")).isZero();
            assertThat(Service.metric("lorikeet_num_requests_waiting")).isZero();
        });
        assertThat(Service.ask(TestModel.ID, 4).status()).isEqualTo(200);
        assertThat(Service.management("/q/health").status()).isEqualTo(200);
    }

    private static void check(RandomRequests.Request request, RawHttp.Answer answer) {
        if (!request.isUri()) {
            assertThat(answer.status()).isEqualTo(400);
            return;
        }
        assertThat(DOCUMENTED).contains(answer.status());
        if (answer.status() >= 400 && !request.method().equals("HEAD")) {
            ErrorShape.check(request.path(), answer);
        }
    }
}
