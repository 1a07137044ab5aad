package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.inference.api.Completion.Choice;
import io.lorikeet.inference.api.Completion.TextChoice;
import io.lorikeet.inference.api.Completion.TextLogprobs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Choices of text completions. */
final class TextChoiceWriter implements ChoiceWriter {
    private final Qwen2Tokenizer tokenizer;
    /** Characters of each choice's answer that were told with log-probabilities. */
    private final Map<Integer, Integer> told = new HashMap<>();

    TextChoiceWriter(Qwen2Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    @Override
    public String object() {
        return "text_completion";
    }

    @Override
    public String chunkObject() {
        return "text_completion";
    }

    @Override
    public Choice whole(int index, String text, List<TokenLogprobs> logprobs, String finishReason) {
        return new TextChoice(index, text, logprobs(index, logprobs), finishReason);
    }

    @Override
    public Optional<Choice> first(int index) {
        return Optional.empty();
    }

    @Override
    public List<Choice> delta(int index, String text, List<TokenLogprobs> logprobs) {
        return List.of(new TextChoice(index, text, logprobs(index, logprobs), null));
    }

    @Override
    public List<Choice> last(int index, String finishReason) {
        return List.of(new TextChoice(index, "", null, finishReason));
    }

    private TextLogprobs logprobs(int index, List<TokenLogprobs> all) {
        if (all.isEmpty()) {
            return null;
        }
        var words = new TextLogprobs(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (var token : all) {
            var text = text(token.chosen().token());
            words.tokens().add(text);
            words.tokenLogprobs().add(token.chosen().logprob());
            var top = new LinkedHashMap<String, Float>();
            token.likeliest().forEach(one -> top.putIfAbsent(text(one.token()), one.logprob()));
            words.topLogprobs().add(top);
            words.textOffset().add(told.getOrDefault(index, 0));
            told.merge(index, text.length(), Integer::sum);
        }
        return words;
    }

    private String text(int token) {
        return new String(tokenizer.tokenBytes(token), StandardCharsets.UTF_8);
    }
}
