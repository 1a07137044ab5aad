package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpClient;
import java.util.List;
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
        assertThat(answer.header("x-lorikeet-replica")).isEqualTo(InferenceResource.REPLICA);
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

    /** It is the gateway whom it does not know; the caller's key is as good as before. */
    @Test
    void anInferenceServiceThatDoesNotLetTheGatewayInIsNoFaultOfTheCallers() {
        var refused = Http.post("/v1/chat/completions", chat("fledgling", InferenceResource.UNTRUSTED, false));

        assertThat(refused.status()).isEqualTo(502);
        assertThat(refused.json().path("error").path("message").asText()).contains("LORIKEET_INFERENCE_SECRET");
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
    void passesTextCompletionsThrough() {
        var answer = Http.post("/v1/completions", "{\"model\": \"fledgling\", \"prompt\": \"hi\"}");

        assertThat(answer.text()).isEqualTo("{\"object\": \"text_completion\", \"prompt\": \"hi\"}");
    }

    @Test
    void aChatCompletionIsAResponse() {
        var answer = Http.post("/v1/responses", "{\"model\": \"assistant\", \"input\": \"hi\", \"temperature\": 0}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-lorikeet-version")).isEqualTo("job-1@40");
        var response = answer.json();
        assertThat(response.path("object").asText()).isEqualTo("response");
        assertThat(response.path("status").asText()).isEqualTo("completed");
        assertThat(response.at("/output/0/content/0/text").asText()).isEqualTo("hi!");
        assertThat(response.at("/usage/total_tokens").asInt()).isEqualTo(8);
        assertThat(response.path("model").asText()).isEqualTo("assistant");
        assertThat(response.path("error").isNull()).isTrue();
    }

    @Test
    void aStreamedResponseThatBreaksLooksBroken() {
        var request = "{\"model\": \"fledgling\", \"stream\": true, \"input\": \"%s\"}";

        var whole = Http.post("/v1/responses", request.formatted("hi")).events();
        assertThat(whole.getLast()).contains("\"type\":\"response.completed\"");
        for (var version : HttpClient.Version.values()) {
            var broken = Http.broken(version, "/v1/responses", request.formatted(InferenceResource.BREAKS));
            assertThat(broken)
                    .as(version.name())
                    .contains("event: response.failed\ndata: {")
                    .doesNotContain("response.completed");
        }
    }

    @Test
    void errorsOfTheInferenceServiceArePassedOnToWhoeverWantsAResponse() {
        var unknown = Http.post("/v1/responses", "{\"model\": \"nobody\", \"input\": \"hi\"}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().at("/error/message").asText()).contains("there are fledgling, assistant");
        var overloaded = Http.post(
                "/v1/responses", "{\"model\": \"fledgling\", \"input\": \"" + InferenceResource.OVERLOADED + "\"}");
        assertThat(overloaded.header("retry-after")).isEqualTo("7");
    }

    @Test
    void whatOfOpenAisApiThereIsNotSaysSoAndWhatThereIs() {
        for (var path :
                List.of("/v1/embeddings", "/v1/images/generations", "/v1/audio/speech", "/v1/vector_stores/x/files")) {
            var answer = Http.post(path, "{\"model\": \"fledgling\", \"input\": \"hi\"}");

            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.json().at("/error/message").asText())
                    .contains("does not offer /v1/")
                    .contains("/v1/chat/completions");
            assertThat(answer.json().at("/error/code").asText()).isEqualTo("not_offered");
        }
        var kept = Http.get("/v1/responses/resp_1");
        assertThat(kept.status()).isEqualTo(404);
        assertThat(kept.json().at("/error/message").asText()).startsWith("responses are not kept");
    }

    @Test
    void withoutADataRootFilesAreRefusedInWords() {
        for (var path : List.of("/v1/files", "/v1/fine_tuning/jobs")) {
            var answer = Http.get(path);

            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.json().at("/error/message").asText()).contains("LORIKEET_DATA_ROOT");
        }
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
