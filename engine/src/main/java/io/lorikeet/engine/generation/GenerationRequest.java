package io.lorikeet.engine.generation;

import io.lorikeet.engine.tokenizer.ChatMessage;
import java.util.List;
import java.util.Optional;

/**
 * A conversation to continue.
 *
 * @param id names the request in logs
 * @param messages without a system message, the adapter's own system prompt applies, or the model's
 * @param adapter name of the adapter to answer with; none: the base model
 */
public record GenerationRequest(
        String id, List<ChatMessage> messages, Optional<String> adapter, SamplingParams sampling) {
    public GenerationRequest {
        messages = List.copyOf(messages);
        if (messages.isEmpty()) {
            throw new RequestException(RequestException.Kind.INVALID, "messages: expected at least one, found none");
        }
    }
}
