package io.lorikeet.trainer.dataset;

import io.lorikeet.engine.tokenizer.ChatMessage;
import java.util.List;

/**
 * A row in the one form that training knows.
 *
 * @param source where the row stands
 * @param messages an optional system message, then user and assistant in turn, an assistant last
 */
public record Conversation(RowSource source, List<ChatMessage> messages) {
    public Conversation {
        messages = List.copyOf(messages);
    }
}
