package io.lorikeet.inference.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * OpenAI's chat completion, whole or one chunk of a stream, with the adapter that answered beside it.
 *
 * @param object {@code chat.completion} or {@code chat.completion.chunk}
 * @param created seconds since 1970
 * @param usage null in the chunks of a stream but the last, if it was asked for
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonPropertyOrder({"id", "object", "created", "model", "choices", "usage", "system_fingerprint", "lorikeet"})
record ChatCompletion(
        String id,
        String object,
        long created,
        String model,
        List<Choice> choices,
        @JsonInclude(JsonInclude.Include.NON_NULL) Usage usage,
        String systemFingerprint,
        Served lorikeet) {

    /**
     * @param message of a whole completion
     * @param delta of a chunk
     * @param finishReason null until the answer has ended
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Choice(
            int index,
            @JsonInclude(JsonInclude.Include.NON_NULL) Message message,
            @JsonInclude(JsonInclude.Include.NON_NULL) Message delta,
            String finishReason) {}

    /** Text of the assistant; in a delta only what is new. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Message(String role, String content) {}

    /** Tokens. */
    @JsonNaming(SnakeCaseStrategy.class)
    record Usage(int promptTokens, int completionTokens, int totalTokens) {}

    /** Who answered; both null for the base model. */
    record Served(String adapter, String version) {}
}
