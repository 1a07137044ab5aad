package io.lorikeet.gateway.ask;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.http.ApiException;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * An answer and who gave it.
 *
 * @param adapter null if the base model answered
 * @param version null if the base model answered
 * @param finishReason {@code stop} if it was complete, {@code length} if it was cut off at {@code max_new_tokens}
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record AskAnswer(
        String answer,
        String adapter,
        String version,
        Usage usage,
        @Schema(name = "finish_reason") String finishReason) {
    /** Tokens. */
    public record Usage(
            @Schema(name = "prompt_tokens") int promptTokens,
            @Schema(name = "completion_tokens") int completionTokens,
            @Schema(name = "total_tokens") int totalTokens) {
        static Usage of(JsonNode usage) {
            return new Usage(
                    usage.path("prompt_tokens").asInt(),
                    usage.path("completion_tokens").asInt(),
                    usage.path("total_tokens").asInt());
        }
    }

    /** Reads a whole chat completion. */
    static AskAnswer of(JsonNode completion) {
        var choice = completion.path("choices").path(0);
        var text = choice.path("message").path("content");
        if (!text.isTextual()) {
            throw ApiException.badGateway("the inference service answered without choices[0].message.content", null);
        }
        var served = completion.path("lorikeet");
        return new AskAnswer(
                text.textValue(),
                served.path("adapter").textValue(),
                served.path("version").textValue(),
                Usage.of(completion.path("usage")),
                choice.path("finish_reason").textValue());
    }
}
