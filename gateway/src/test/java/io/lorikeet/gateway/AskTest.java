package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.badrecords.LoggedErrors;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class AskTest {
    @Test
    void theBaseAnswersUntilTheDefaultAdapterIsServed() {
        var before = Http.post("/ask", "{\"question\": \"你是谁?\"}");

        assertThat(before.status()).isEqualTo(200);
        assertThat(before.text())
                .isEqualTo("{\"answer\":\"你是谁?!\",\"adapter\":null,\"version\":null,"
                        + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,\"total_tokens\":8},"
                        + "\"finish_reason\":\"stop\"}");

        Kafka.publish(Topics.CHECKPOINTS, "assistant", Kafka.checkpoint("assistant", "job-1@40"));
        await().untilAsserted(() -> {
            var after = Http.post("/ask", "{\"question\": \"你是谁?\"}").json();
            assertThat(after.path("adapter").asText()).isEqualTo("assistant");
            assertThat(after.path("version").asText()).isEqualTo("job-1@40");
        });

        Kafka.publish(Topics.CHECKPOINTS, "assistant", null);
        await().untilAsserted(() -> assertThat(Http.post("/ask", "{\"question\": \"你是谁?\"}")
                        .json()
                        .path("adapter")
                        .isNull())
                .isTrue());
    }

    @Test
    void asksTheAdapterThatIsNamedInTheWayThatIsAskedFor() {
        var answer = Http.post("/ask", """
                {"question": "named", "adapter": "assistant", "system": "Be short.", "max_new_tokens": 7,
                 "temperature": 0.5}""");

        assertThat(answer.json().path("version").asText()).isEqualTo("job-1@40");
        var request = InferenceResource.REQUESTS.stream()
                .filter(r -> r.path("messages").path(1).path("content").asText().equals("named"))
                .findFirst()
                .orElseThrow();
        assertThat(request.toString())
                .isEqualTo(
                        "{\"model\":\"assistant\",\"max_tokens\":7,\"temperature\":0.5,\"messages\":["
                                + "{\"role\":\"system\",\"content\":\"Be short.\"},{\"role\":\"user\",\"content\":\"named\"}]}");
    }

    @Test
    void saysWhichAdaptersThereAreIfTheOneNamedIsUnknown() {
        var answer = Http.post("/ask", "{\"question\": \"q\", \"adapter\": \"assistent\"}");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.json().path("detail").asText()).contains("there are fledgling, assistant");
        assertThat(answer.json().path("instance").asText()).isEqualTo("/ask");
    }

    @Test
    void namesEveryProblemOfAQuestion() {
        var answer = Http.post("/ask", "{\"qestion\": \"q\", \"temperature\": 3, \"stream\": \"yes\"}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.json().path("errors").toString())
                .isEqualTo("[{\"field\":\"qestion\",\"problem\":\"unknown field; did you mean question?\"},"
                        + "{\"field\":\"question\",\"problem\":\"is missing\",\"expected\":\"a text that is not empty\"},"
                        + "{\"field\":\"temperature\",\"problem\":\"is 3\","
                        + "\"expected\":\"a number that is at least 0 and at most 2\"},"
                        + "{\"field\":\"stream\",\"problem\":\"is \\\"yes\\\"\",\"expected\":\"true or false\"}]");
        assertThat(answer.json().path("detail").asText()).contains("4 problems", "did you mean question?");
    }

    @Test
    void saysWhereABodyIsNoJson() {
        assertThat(Http.post("/ask", "{\"question\": ").json().path("detail").asText())
                .contains("is not JSON at line 1, column");
        assertThat(Http.post("/ask", "").json().path("detail").asText()).contains("is empty");
        assertThat(Http.post("/ask", "[]").json().path("detail").asText()).contains("is no JSON object");
    }

    @Test
    void streamsTheAnswerAndThenTheWhole() {
        var answer = Http.post("/ask", "{\"question\": \" 你好 🙂\", \"adapter\": \"assistant\", \"stream\": true}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.type()).startsWith("text/event-stream");
        var records = answer.events().stream()
                .map(event -> Json.parse(event.getBytes(StandardCharsets.UTF_8), "event"))
                .toList();
        var deltas = records.stream()
                .limit(records.size() - 1)
                .map(each -> each.path("delta").asText())
                .collect(Collectors.joining());
        assertThat(deltas).startsWith(" 你好 ");
        assertThat(records.getLast().toString())
                .isEqualTo("{\"answer\":" + Json.mapper().valueToTree(deltas)
                        + ",\"adapter\":\"assistant\",\"version\":\"job-1@40\","
                        + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,\"total_tokens\":8},"
                        + "\"finish_reason\":\"stop\"}");
    }

    @Test
    void aStreamThatBreaksOffEndsWithAnError() {
        var broken = Http.broken(
                HttpClient.Version.HTTP_1_1,
                "/ask",
                "{\"question\": \"" + InferenceResource.BREAKS + "\", \"stream\": true}");

        var event = "event: error\ndata: ";
        var last = Json.parse(
                broken.substring(broken.indexOf(event) + event.length()).getBytes(StandardCharsets.UTF_8), "event");
        assertThat(last.path("error").path("status").asInt()).isEqualTo(502);
        assertThat(broken).doesNotContain("finish_reason");
    }

    @Test
    void passesOnThatTheInferenceServiceIsOverloaded() {
        var answer = Http.post("/ask", "{\"question\": \"" + InferenceResource.OVERLOADED + "\"}");

        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.header("retry-after")).isEqualTo("7");
        assertThat(answer.json().path("detail").asText()).isEqualTo("The server is overloaded");
    }

    @Test
    void asksAgainWhenAReplicaGoesAway() {
        Http.Answer answer;
        List<String> errors;
        try (var logged = new LoggedErrors()) {
            answer = Http.post("/ask", "{\"question\": \"" + InferenceResource.ROLLED_OVER + "\"}");
            errors = logged.errors();
        }

        assertThat(answer.status()).isEqualTo(200);
        assertThat(errors).as("a rolling update is no error").isEmpty();
        assertThat(InferenceResource.REQUESTS.stream()
                        .filter(request -> request.toString().contains(InferenceResource.ROLLED_OVER)))
                .hasSize(3);
    }

    @Test
    void namesARequestThatHasNoNameAndWhoAnswered() {
        var answer = Http.post("/ask", "{\"question\": \"你好\"}");

        assertThat(answer.header("x-request-id")).hasSize(36);
        assertThat(answer.header("x-lorikeet-replica")).isEqualTo(InferenceResource.REPLICA);
    }

    @Test
    void tellsAFailureFromSilence() {
        var failed = Http.post("/ask", "{\"question\": \"" + InferenceResource.BROKEN + "\"}");
        var silent = Http.post("/ask", "{\"question\": \"" + InferenceResource.SILENT + "\"}");

        assertThat(failed.status()).isEqualTo(502);
        assertThat(failed.json().path("detail").asText()).isEqualTo("The server failed on this request");
        assertThat(silent.status()).isEqualTo(504);
        assertThat(silent.json().path("detail").asText()).contains("was silent for 2 s");
    }

    @Test
    void aClientThatGoesAwayStopsTheAnswer() throws Exception {
        try (var body =
                Http.stream("/ask", "{\"question\": \"" + InferenceResource.ENDLESS + "\", \"stream\": true}")) {
            assertThat(body.readNBytes(200)).hasSize(200);
            assertThat(InferenceResource.ENDLESS_RUNNING).hasPositiveValue();
        }

        await().untilAsserted(
                        () -> assertThat(InferenceResource.ENDLESS_RUNNING).hasValue(0));
    }

    @Test
    void pathsAndMethodsThatDoNotExistAreProblemsToo() {
        var nowhere = Http.get("/nowhere");
        assertThat(nowhere.status()).isEqualTo(404);
        assertThat(nowhere.type()).startsWith("application/problem+json");
        assertThat(nowhere.json().path("detail").asText()).contains("/nowhere", "/docs");

        var wrongMethod = Http.get("/ask");
        assertThat(wrongMethod.status()).isEqualTo(405);
        assertThat(wrongMethod.type()).startsWith("application/problem+json");
    }
}
