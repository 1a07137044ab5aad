package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.tokenizer.ChatMessage;
import java.util.List;

/**
 * A request for a chat completion, checked.
 *
 * @param model id of the base model, or an adapter's name
 * @param includeUsage whether a stream ends with a chunk that holds the usage
 */
record ChatRequest(
        String model, List<ChatMessage> messages, SamplingParams sampling, boolean stream, boolean includeUsage) {
    ChatRequest {
        messages = List.copyOf(messages);
    }
}
