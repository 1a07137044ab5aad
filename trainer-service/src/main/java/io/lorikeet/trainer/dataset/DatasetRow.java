package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.tokenizer.ChatMessage;
import java.util.List;

/**
 * A row in the one form that training knows.
 *
 * @param source where the row stands
 * @param turns in the order in which the template lays them out, an answer last
 * @param tools definitions of the tools that the assistant may call, as OpenAI's API has them
 */
public record DatasetRow(RowSource source, List<Turn> turns, List<JsonNode> tools) {
    public DatasetRow {
        turns = List.copyOf(turns);
        tools = List.copyOf(tools);
    }

    /** What is said, turn by turn. */
    public List<ChatMessage> messages() {
        return turns.stream().map(Turn::message).toList();
    }
}
