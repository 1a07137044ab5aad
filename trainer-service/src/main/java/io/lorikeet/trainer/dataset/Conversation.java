package io.lorikeet.trainer.dataset;

import io.lorikeet.engine.tokenizer.ChatMessage;
import java.util.List;

/**
 * A row in the one form that training knows.
 *
 * @param source where the row stands
 * @param turns in the order in which the template lays them out, an answer last
 */
public record Conversation(RowSource source, List<Turn> turns) {
    public Conversation {
        turns = List.copyOf(turns);
    }

    /** What is said, turn by turn. */
    public List<ChatMessage> messages() {
        return turns.stream().map(Turn::message).toList();
    }
}
