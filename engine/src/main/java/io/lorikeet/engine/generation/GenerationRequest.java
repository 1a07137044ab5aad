package io.lorikeet.engine.generation;

import io.lorikeet.engine.tokenizer.ChatMessage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Prompts to continue, all with the same adapter version.
 *
 * @param id names the request in logs
 * @param n answers to each prompt; answer number {@code p·n + i} is number i to prompt p
 * @param adapter name of the adapter to answer with; none: the base model
 * @param version of the adapter; none: the one that its name points at
 * @param timeout from its arrival to the end of its answers; then it is given up
 */
public record GenerationRequest(
        String id,
        List<Prompt> prompts,
        int n,
        Optional<String> adapter,
        Optional<String> version,
        SamplingParams sampling,
        Optional<Duration> timeout) {
    public GenerationRequest {
        prompts = List.copyOf(prompts);
        SamplingParams.require(!prompts.isEmpty(), "prompts", "at least one", prompts);
        SamplingParams.require(n >= 1, "n", "at least 1", n);
    }

    /** A conversation to continue, however long it takes. */
    public static GenerationRequest chat(
            String id, List<ChatMessage> messages, Optional<String> adapter, SamplingParams sampling) {
        return new GenerationRequest(
                id, List.of(new Prompt.Chat(messages)), 1, adapter, Optional.empty(), sampling, Optional.empty());
    }

    /** Answers in all. */
    public int answers() {
        return prompts.size() * n;
    }
}
