package io.lorikeet.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation.
 *
 * @param model the base's id or an adapter's name
 * @param system null: the adapter's own, or the model's
 * @param turns what was said, the user's turn first, then in turns
 */
public record Chat(String model, String system, List<String> turns) {
    public Chat {
        turns = List.copyOf(turns);
    }

    /** One that has yet to begin. */
    public Chat(String model, String system) {
        this(model, system, List.of());
    }

    /** The same with the user's next turn. */
    public Chat user(String text) {
        return with(text, 0);
    }

    /** The same with the answer to it. */
    public Chat assistant(String text) {
        return with(text, 1);
    }

    private Chat with(String text, int turn) {
        if (turns.size() % 2 != turn) {
            throw new IllegalStateException("it is not their turn: " + turns.size() + " turns so far");
        }
        List<String> more = new ArrayList<>(turns);
        more.add(text);
        return new Chat(model, system, more);
    }

    JsonNode json() {
        ObjectNode json = Json.mapper()
                .createObjectNode()
                .put("model", model)
                .put("temperature", 0)
                .put("stream", true);
        var messages = json.putArray("messages");
        if (system != null) {
            messages.addObject().put("role", "system").put("content", system);
        }
        for (int i = 0; i < turns.size(); i++) {
            messages.addObject().put("role", i % 2 == 0 ? "user" : "assistant").put("content", turns.get(i));
        }
        return json;
    }
}
