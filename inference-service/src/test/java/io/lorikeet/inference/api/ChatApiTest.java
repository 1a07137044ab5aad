package io.lorikeet.inference.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.TestModel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The HTTP API as OpenAI's clients see it, on the base model. */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class ChatApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RUNNING = "lorikeet_num_requests_running";

    @Test
    void answersInOpenAisShape() {
        var reply = Service.ask(TestModel.ID, 12);

        assertThat(reply.status()).isEqualTo(200);
        var completion = reply.json();
        assertThat(completion.get("object").asText()).isEqualTo("chat.completion");
        assertThat(completion.get("id").asText()).startsWith("chatcmpl-");
        assertThat(completion.get("model").asText()).isEqualTo(TestModel.ID);
        assertThat(completion.get("system_fingerprint").asText()).startsWith(TestModel.ID + "@");
        assertThat(completion.at("/choices/0/message/role").asText()).isEqualTo("assistant");
        assertThat(reply.content()).isNotEmpty();
        assertThat(completion.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        var usage = completion.get("usage");
        assertThat(usage.get("completion_tokens").asInt()).isEqualTo(12);
        assertThat(usage.get("prompt_tokens").asInt()).isGreaterThan(Service.QUESTION.length());
        assertThat(usage.get("total_tokens").asInt())
                .isEqualTo(12 + usage.get("prompt_tokens").asInt());
    }

    @Test
    void streamsTheSameAnswerInPieces() throws IOException {
        var whole = Service.ask(TestModel.ID, 12);

        var stream = Service.chat(streamed(12, true));

        assertThat(stream.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        var events = stream.events();
        assertThat(events.getLast()).isEqualTo("[DONE]");
        var chunks = new ArrayList<JsonNode>();
        for (var event : events.subList(0, events.size() - 1)) {
            chunks.add(JSON.readTree(event));
        }
        assertThat(chunks).allSatisfy(chunk -> {
            assertThat(chunk.get("object").asText()).isEqualTo("chat.completion.chunk");
            assertThat(chunk.get("lorikeet").has("version")).isTrue();
        });
        assertThat(chunks.getFirst().at("/choices/0/delta/role").asText()).isEqualTo("assistant");
        var text = chunks.stream()
                .map(chunk -> chunk.at("/choices/0/delta/content").asText())
                .collect(Collectors.joining());
        assertThat(text).isEqualTo(whole.content());
        var end = chunks.get(chunks.size() - 2);
        assertThat(end.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(chunks.getLast().get("choices")).isEmpty();
        assertThat(chunks.getLast().get("usage")).isEqualTo(whole.json().get("usage"));
    }

    @Test
    void leavesTheUsageOutOfAStreamUnlessAsked() {
        var stream = Service.chat(streamed(4, false));

        assertThat(stream.events()).noneMatch(event -> event.contains("\"usage\""));
    }

    @Test
    void stopsAtAStopString() {
        var whole = Service.ask(TestModel.ID, 12).content();
        var stop = whole.substring(whole.length() / 2, whole.length() / 2 + 3);
        var body = new HashMap<>(Service.question(TestModel.ID, 12));
        body.put("stop", stop);

        var reply = Service.chat(body);

        assertThat(reply.content()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(reply.json().at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    }

    @Test
    void namesTheModelsThereAreWhenAskedForAnUnknownOne() {
        var reply = Service.ask("nobody", 4);

        assertThat(reply.status()).isEqualTo(404);
        var error = reply.json().get("error");
        assertThat(error.get("code").asText()).isEqualTo("model_not_found");
        assertThat(error.get("param").asText()).isEqualTo("model");
        assertThat(error.get("message").asText()).contains("nobody", TestModel.ID);
    }

    @Test
    void namesTheParameterThatIsWrong() {
        var body = new HashMap<>(Service.question(TestModel.ID, 4));
        body.put("temperature", 3);

        var reply = Service.chat(body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/param").asText()).isEqualTo("temperature");
        assertThat(reply.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
    }

    @Test
    void saysThatAPromptIsTooLong() {
        var body = new HashMap<>(Service.question(TestModel.ID, 4));
        body.put("messages", List.of(Map.of("role", "user", "content", "x".repeat(300))));

        var reply = Service.chat(body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/code").asText()).isEqualTo("context_length_exceeded");
    }

    @Test
    void refusesAPromptThatNoTokensCanHoldWithoutTokenisingIt() {
        var text = "x".repeat(3_000_000);
        var chat = new HashMap<>(Service.question(TestModel.ID, 4));
        chat.put("messages", List.of(Map.of("role", "user", "content", text)));

        for (var reply : List.of(Service.chat(chat), Service.complete(Map.of("model", TestModel.ID, "prompt", text)))) {
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.json().at("/error/code").asText()).isEqualTo("context_length_exceeded");
            assertThat(reply.json().at("/error/message").asText()).contains("tokens can hold");
        }
    }

    @Test
    void refusesABodyThatIsTooLargeInOpenAisShape() {
        var body = new HashMap<>(Service.question(TestModel.ID, 4));
        body.put("user", "x".repeat(5 << 20));

        var reply = Service.chat(body);

        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.json().at("/error/message").asText()).contains("larger than the 4 MiB");
        assertThat(reply.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
    }

    @Test
    void wordsEveryErrorAsOpenAiDoes() {
        assertThat(Service.chat("not json").json().at("/error/message").asText())
                .contains("not JSON");
        var missing = Service.get("/v1/models/nobody");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.json().at("/error/code").asText()).isEqualTo("model_not_found");
        var wrongMethod = Service.get("/v1/chat/completions");
        assertThat(wrongMethod.status()).isEqualTo(405);
        assertThat(wrongMethod.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
    }

    @Test
    void refusesTheRequestsOfOtherOriginsPages() throws Exception {
        var request = HttpRequest.newBuilder(Service.post(Service.question(TestModel.ID, 1)), (_, _) -> true)
                .header("Origin", "http://evil.example")
                .build();
        try (var client = Service.client()) {
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(JSON.readTree(answer.body()).at("/error/message").asText())
                    .contains("LORIKEET_HTTP_ALLOWED_ORIGINS");
        }
    }

    @Test
    void hasHealthAndMetricsOnAPortOfTheirOwn() {
        assertThat(Service.get("/q/metrics").status()).isEqualTo(404);
        assertThat(Service.get("/q/health/ready").status()).isEqualTo(404);
        assertThat(Service.management("/q/health/live").status()).isEqualTo(200);
    }

    @Test
    void listsTheBaseModel() {
        var models = Service.get("/v1/models").json();

        assertThat(models.get("object").asText()).isEqualTo("list");
        assertThat(models.at("/data/0/id").asText()).isEqualTo(TestModel.ID);
        assertThat(Service.get("/v1/models/" + TestModel.ID)
                        .json()
                        .get("object")
                        .asText())
                .isEqualTo("model");
    }

    @Test
    void freesTheSequenceOfAClientThatGoesAwayWhileItStreams() throws IOException {
        var cancelled = cancelled();
        try (var stream = Service.open(streamed(190, false))) {
            assertThat(stream.readLine()).startsWith("data: ");
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(cancelled()).isEqualTo(cancelled + 1));
        assertThat(Service.metric(RUNNING)).isZero();
    }

    @Test
    void freesTheSequenceOfAClientThatGoesAwayWhileItWaits() {
        var cancelled = cancelled();
        try (var client = Service.client()) {
            var asking = client.sendAsync(
                    Service.post(Service.question(TestModel.ID, 190)), HttpResponse.BodyHandlers.ofString());
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> Service.metric(RUNNING) == 1);
            asking.cancel(true);
            client.shutdownNow();
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(cancelled()).isEqualTo(cancelled + 1));
        assertThat(Service.metric(RUNNING)).isZero();
    }

    private static double cancelled() {
        return Service.metric(
                "lorikeet_requests_finished_total{adapter=\"\",finished_reason=\"cancelled\",version=\"\"}");
    }

    /** 4 run and 16 may wait, see {@link Broker}. */
    @Test
    void refusesWhatWouldWaitTooLongAndSaysWhenToComeBack() {
        var asked = new ArrayList<CompletableFuture<Service.Reply>>();
        for (int i = 0; i < 60; i++) {
            asked.add(Service.askAsync(TestModel.ID, 100));
        }
        var replies = asked.stream().map(CompletableFuture::join).toList();

        var refused = replies.stream().filter(reply -> reply.status() == 429).toList();
        assertThat(refused).isNotEmpty().allSatisfy(reply -> {
            assertThat(reply.headers().firstValue("Retry-After")).isPresent();
            assertThat(reply.json().at("/error/code").asText()).isEqualTo("overloaded");
        });
        assertThat(replies.stream().filter(reply -> reply.status() == 200)).hasSizeGreaterThanOrEqualTo(16);
        assertThat(replies).allMatch(reply -> reply.status() == 200 || reply.status() == 429);
    }

    @Test
    void countsTokensAndTimesByAdapterAndVersion() {
        Service.ask(TestModel.ID, 4);
        var base = "{adapter=\"\",version=\"\"}";
        var generated = Service.metric("lorikeet_generation_tokens_total" + base);
        var firstTokens = Service.metric("lorikeet_time_to_first_token_seconds_count" + base);

        Service.ask(TestModel.ID, 7);

        assertThat(Service.metric("lorikeet_generation_tokens_total" + base)).isEqualTo(generated + 7);
        assertThat(Service.metric("lorikeet_time_to_first_token_seconds_count" + base))
                .isEqualTo(firstTokens + 1);
        assertThat(Service.metric("lorikeet_prompt_tokens_total" + base)).isPositive();
        assertThat(Service.metric("lorikeet_inter_token_latency_seconds_count" + base))
                .isPositive();
        assertThat(Service.metric("lorikeet_e2e_request_latency_seconds_count" + base))
                .isPositive();
    }

    @Test
    void countsNoAdapterThatIsNotServed() {
        var series = "lorikeet_requests_refused_total{adapter=\"\",reason=\"unknown_adapter\"}";
        var refused = Service.metric(series);

        Service.ask("made-up", 4);

        assertThat(Service.metric(series)).isEqualTo(refused + 1);
        assertThat(Service.management("/q/metrics").text()).doesNotContain("made-up");
    }

    private static Map<String, Object> streamed(int maxTokens, boolean includeUsage) {
        var body = new HashMap<>(Service.question(TestModel.ID, maxTokens));
        body.put("stream", true);
        if (includeUsage) {
            body.put("stream_options", Map.of("include_usage", true));
        }
        return body;
    }
}
