package io.lorikeet.engine.generation;

import java.util.List;
import java.util.Optional;

/**
 * A finished answer.
 *
 * @param text without stop tokens and stop strings
 * @param adapter the adapter that answered; none: the base model
 * @param tokens generated token ids, a stop token included
 */
public record GenerationResult(
        String text,
        Optional<AdapterVersion> adapter,
        int promptTokens,
        List<Integer> tokens,
        FinishReason finishReason) {
    public GenerationResult {
        tokens = List.copyOf(tokens);
    }

    public int completionTokens() {
        return tokens.size();
    }
}
