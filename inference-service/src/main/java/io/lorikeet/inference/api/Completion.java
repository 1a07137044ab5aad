package io.lorikeet.inference.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * OpenAI's chat or text completion, whole or one chunk of a stream, with the adapter that answered beside it.
 *
 * @param object {@code chat.completion}, {@code chat.completion.chunk} or {@code text_completion}
 * @param created seconds since 1970
 * @param usage null in the chunks of a stream but the last, if it was asked for
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonPropertyOrder({"id", "object", "created", "model", "choices", "usage", "system_fingerprint", "lorikeet"})
record Completion(
        String id,
        String object,
        long created,
        String model,
        List<? extends Choice> choices,
        @JsonInclude(JsonInclude.Include.NON_NULL) Usage usage,
        String systemFingerprint,
        Served lorikeet) {

    /** One of the answers; of a chunk, what is new of it. */
    sealed interface Choice {}

    /**
     * A choice of a chat completion.
     *
     * @param message of a whole completion
     * @param delta of a chunk
     * @param finishReason null until the answer has ended
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record ChatChoice(
            int index,
            @JsonInclude(JsonInclude.Include.NON_NULL) Message message,
            @JsonInclude(JsonInclude.Include.NON_NULL) Delta delta,
            ChatLogprobs logprobs,
            String finishReason)
            implements Choice {}

    /**
     * What the assistant says.
     *
     * @param content null if it only calls
     * @param toolCalls null if it calls nothing
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Message(
            String role,
            String content,
            @JsonInclude(JsonInclude.Include.NON_NULL) List<Call> toolCalls) {}

    /** What is new of it. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Delta(String role, String content, List<Call> toolCalls) {}

    /**
     * A call of a tool.
     *
     * @param index its number, of a delta
     * @param id with the first delta of a call, as the type
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Call(Integer index, String id, String type, Function function) {}

    /** What is called; the arguments are JSON, in a delta what is new of it. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Function(String name, String arguments) {}

    /** Log-probabilities of the tokens of a chat choice. */
    record ChatLogprobs(List<TokenLogprob> content) {}

    /**
     * A token and the natural logarithm of its probability.
     *
     * @param token its text; U+FFFD where it is no text by itself
     * @param bytes its UTF-8
     * @param topLogprobs the likeliest tokens at its place; null for those themselves
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record TokenLogprob(
            String token,
            float logprob,
            List<Integer> bytes,
            @JsonInclude(JsonInclude.Include.NON_NULL) List<TokenLogprob> topLogprobs) {}

    /** A choice of a text completion. */
    @JsonNaming(SnakeCaseStrategy.class)
    record TextChoice(int index, String text, TextLogprobs logprobs, String finishReason) implements Choice {}

    /**
     * Log-probabilities of the tokens of a text choice, one element a token.
     *
     * @param textOffset where the token begins in the answer
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record TextLogprobs(
            List<String> tokens,
            List<Float> tokenLogprobs,
            List<Map<String, Float>> topLogprobs,
            List<Integer> textOffset) {}

    /** Tokens. */
    @JsonNaming(SnakeCaseStrategy.class)
    record Usage(int promptTokens, int completionTokens, int totalTokens) {}

    /** Who answered; both null for the base model. */
    record Served(String adapter, String version) {}
}
