package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.grammar.Grammar;
import java.util.List;
import java.util.Optional;

/**
 * A request for completions, checked.
 *
 * @param model id of the base model, or an adapter's name
 * @param prompts at least one
 * @param n answers to each prompt; choice number {@code p·n + i} is answer i to prompt p
 * @param tools that the answers may call
 * @param includeUsage whether a stream ends with a chunk that holds the usage
 */
record CompletionRequest(
        String model,
        List<Prompt> prompts,
        int n,
        SamplingParams sampling,
        ToolUse tools,
        boolean stream,
        boolean includeUsage) {
    CompletionRequest {
        prompts = List.copyOf(prompts);
    }

    /** The same with tools, and answers that are of a grammar. */
    CompletionRequest with(ToolUse others, Optional<Grammar> grammar) {
        return new CompletionRequest(
                model, prompts, n, grammar.map(sampling::constrained).orElse(sampling), others, stream, includeUsage);
    }

    /** Answers in all. */
    int choices() {
        return prompts.size() * n;
    }
}
