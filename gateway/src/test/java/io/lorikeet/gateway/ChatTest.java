package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpClient;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class ChatTest {
    @Test
    void passesACompletionThroughAsItIs() {
        var answer = Http.post("/v1/chat/completions", chat("assistant", "hi", false));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-lorikeet-version")).isEqualTo("job-1@40");
        assertThat(answer.text())
                .startsWith("{\"id\": \"1\", \"object\": \"chat.completion\"")
                .contains("\"hi!\"");
    }

    @Test
    void passesTheEventsOfAStreamThroughByteForByte() {
        var answer = Http.post("/v1/chat/completions", chat("fledgling", "你好", true));

        assertThat(answer.type()).startsWith("text/event-stream");
        assertThat(answer.text()).isEqualTo("""
                data: {"object": "chat.completion.chunk", "lorikeet": {"adapter": null, "version": null}, "choices": [
                data: {"index": 0, "delta": {"content": "你"}, "finish_reason": null}]}

                data: {"object": "chat.completion.chunk", "lorikeet": {"adapter": null, "version": null}, "choices": [
                data: {"index": 0, "delta": {"content": "好"}, "finish_reason": null}]}

                data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

                data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}}

                data: [DONE]

                """);
    }

    @Test
    void streamsArriveWhileTheyAreMadeAndStopWithTheirReader() throws Exception {
        try (var body = Http.stream("/v1/chat/completions", chat("fledgling", InferenceResource.ENDLESS, true))) {
            assertThat(body.readNBytes(500)).hasSize(500);
        }

        await().untilAsserted(
                        () -> assertThat(InferenceResource.ENDLESS_RUNNING).hasValue(0));
    }

    @Test
    void aStreamThatBreaksOffLooksBroken() {
        for (var version : HttpClient.Version.values()) {
            var broken =
                    Http.broken(version, "/v1/chat/completions", chat("fledgling", InferenceResource.BREAKS, true));

            assertThat(broken)
                    .as(version.name())
                    .contains("\n\nevent: error\ndata: {\"error\":{\"message\":")
                    .endsWith("}\n\n")
                    .doesNotContain("[DONE]");
        }
    }

    @Test
    void passesErrorsThroughInOpenAisShape() {
        var unknown = Http.post("/v1/chat/completions", chat("nobody", "hi", false));
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().path("error").path("message").asText()).contains("there are fledgling, assistant");

        var overloaded = Http.post("/v1/chat/completions", chat("fledgling", InferenceResource.OVERLOADED, true));
        assertThat(overloaded.status()).isEqualTo(429);
        assertThat(overloaded.header("retry-after")).isEqualTo("7");
    }

    @Test
    void wordsItsOwnErrorsInOpenAisShape() {
        var silent = Http.post("/v1/chat/completions", chat("fledgling", InferenceResource.SILENT, false));
        assertThat(silent.status()).isEqualTo(504);
        assertThat(silent.json().path("error").path("type").asText()).isEqualTo("timeout_error");

        var wrongMethod = Http.get("/v1/chat/completions");
        assertThat(wrongMethod.status()).isEqualTo(405);
        assertThat(wrongMethod.json().path("error").path("type").asText()).isEqualTo("invalid_request_error");
    }

    @Test
    void listsTheModels() {
        assertThat(Http.get("/v1/models").json().path("data").findValuesAsText("id"))
                .containsExactly("fledgling", "assistant");
    }

    private static String chat(String model, String question, boolean stream) {
        return "{\"model\": \"%s\", \"stream\": %s, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}"
                .formatted(model, stream, question);
    }
}
