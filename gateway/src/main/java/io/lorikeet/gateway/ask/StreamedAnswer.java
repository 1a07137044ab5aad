package io.lorikeet.gateway.ask;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.ProblemDetail;
import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Turns the chunks of a streamed chat completion into {@code {"delta": …}} records and the whole answer at the end. */
final class StreamedAnswer {
    private record Delta(String delta) {}

    private record Broken(ProblemDetail error) {}

    private final StringBuilder text = new StringBuilder();
    private String adapter;
    private String version;
    private String finishReason;
    private AskAnswer.Usage usage;
    private boolean done;

    private StreamedAnswer() {}

    /** The records as server-sent events. A stream that breaks ends with an {@code error} record and a broken connection. */
    static Multi<Buffer> of(Multi<Buffer> chunks) {
        return Multi.createFrom().deferred(() -> {
            var answer = new StreamedAnswer();
            return EventStream.data(chunks)
                    .onItem()
                    .transformToIterable(answer::records)
                    .onCompletion()
                    .switchTo(answer::missingEnd)
                    .map(EventStream::event)
                    .onFailure(ApiException.class)
                    .recoverWithMulti(StreamedAnswer::broken);
        });
    }

    private static Multi<Buffer> broken(Throwable failure) {
        var error = ((ApiException) failure).error();
        return EventStream.broken(new Broken(ProblemDetail.of(error, "/ask")), failure);
    }

    private List<Object> records(String data) {
        if (data.equals("[DONE]")) {
            done = true;
            return List.of(new AskAnswer(text.toString(), adapter, version, usage, finishReason));
        }
        var chunk = Json.parse(data.getBytes(StandardCharsets.UTF_8), "chunk of the inference service");
        if (chunk.has("error")) {
            var message = chunk.path("error").path("message").asText("no reason given");
            throw ApiException.badGateway("the answer broke off: " + message, null);
        }
        return take(chunk);
    }

    private List<Object> take(JsonNode chunk) {
        var served = chunk.path("lorikeet");
        if (served.isObject()) {
            adapter = served.path("adapter").textValue();
            version = served.path("version").textValue();
        }
        if (chunk.path("usage").isObject()) {
            usage = AskAnswer.Usage.of(chunk.get("usage"));
        }
        var choice = chunk.path("choices").path(0);
        if (choice.path("finish_reason").isTextual()) {
            finishReason = choice.get("finish_reason").textValue();
        }
        var delta = choice.path("delta").path("content").asText("");
        if (delta.isEmpty()) {
            return List.of();
        }
        text.append(delta);
        return List.of(new Delta(delta));
    }

    private Multi<Object> missingEnd() {
        return done
                ? Multi.createFrom().empty()
                : Multi.createFrom()
                        .failure(ApiException.badGateway("the inference service ended the answer half-way", null));
    }
}
