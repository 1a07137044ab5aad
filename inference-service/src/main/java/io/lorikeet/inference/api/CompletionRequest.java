package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import java.util.List;

/**
 * A request for completions, checked.
 *
 * @param model id of the base model, or an adapter's name
 * @param prompts at least one
 * @param n answers to each prompt; choice number {@code p·n + i} is answer i to prompt p
 * @param includeUsage whether a stream ends with a chunk that holds the usage
 */
record CompletionRequest(
        String model, List<Prompt> prompts, int n, SamplingParams sampling, boolean stream, boolean includeUsage) {
    CompletionRequest {
        prompts = List.copyOf(prompts);
    }

    /** Answers in all. */
    int choices() {
        return prompts.size() * n;
    }
}
