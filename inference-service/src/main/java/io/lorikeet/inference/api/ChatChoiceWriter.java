package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.inference.api.Completion.ChatChoice;
import io.lorikeet.inference.api.Completion.ChatLogprobs;
import io.lorikeet.inference.api.Completion.Choice;
import io.lorikeet.inference.api.Completion.Message;
import io.lorikeet.inference.api.Completion.TokenLogprob;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Choices of chat completions. */
record ChatChoiceWriter(Qwen2Tokenizer tokenizer) implements ChoiceWriter {
    private static final String ASSISTANT = "assistant";

    @Override
    public String object() {
        return "chat.completion";
    }

    @Override
    public String chunkObject() {
        return "chat.completion.chunk";
    }

    @Override
    public Choice whole(int index, String text, List<TokenLogprobs> logprobs, String finishReason) {
        return new ChatChoice(index, new Message(ASSISTANT, text), null, logprobs(logprobs), finishReason);
    }

    @Override
    public Optional<Choice> first(int index) {
        return Optional.of(new ChatChoice(index, null, new Message(ASSISTANT, ""), null, null));
    }

    @Override
    public Choice delta(int index, String text, List<TokenLogprobs> logprobs) {
        return new ChatChoice(index, null, new Message(null, text), logprobs(logprobs), null);
    }

    @Override
    public Choice last(int index, String finishReason) {
        return new ChatChoice(index, null, new Message(null, null), null, finishReason);
    }

    private ChatLogprobs logprobs(List<TokenLogprobs> tokens) {
        if (tokens.isEmpty()) {
            return null;
        }
        return new ChatLogprobs(tokens.stream()
                .map(token -> token(
                        token.chosen(),
                        token.likeliest().stream().map(one -> token(one, null)).toList()))
                .toList());
    }

    private TokenLogprob token(TokenLogprobs.TokenLogprob token, List<TokenLogprob> likeliest) {
        var bytes = tokenizer.tokenBytes(token.token());
        var numbers = new ArrayList<Integer>();
        for (byte b : bytes) {
            numbers.add(b & 0xff);
        }
        return new TokenLogprob(new String(bytes, StandardCharsets.UTF_8), token.logprob(), numbers, likeliest);
    }
}
