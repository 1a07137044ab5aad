package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorikeet.engine.tokenizer.ToolCall;
import io.lorikeet.trainer.dataset.Fields.Field;
import java.util.ArrayList;
import java.util.List;

/** Tools and their calls, as rows of OpenAI's, swift's and ShareGPT's form have them. */
final class Tools {
    private Tools() {}

    /**
     * Definitions of tools: a list of them or one, also as JSON in a text. One without its {@code function} around it, as
     * OpenAI's older {@code functions}, gets it.
     */
    static List<JsonNode> definitions(Field field) throws RowException {
        var tools = new ArrayList<JsonNode>();
        for (JsonNode tool : each(field)) {
            boolean wrapped = tool.has("function");
            JsonNode function = wrapped ? tool.get("function") : tool;
            if (!function.path("name").isTextual()) {
                throw new RowException("'%s' holds definitions of functions with their name, and number %d is none"
                        .formatted(field.name(), tools.size() + 1));
            }
            tools.add(
                    wrapped
                            ? tool
                            : JsonNodeFactory.instance
                                    .objectNode()
                                    .put("type", "function")
                                    .set("function", function));
        }
        return tools;
    }

    /** Calls: a list of them or one, also as JSON in a text. */
    static List<ToolCall> calls(Field field) throws RowException {
        var calls = new ArrayList<ToolCall>();
        for (JsonNode call : each(field)) {
            try {
                calls.add(ToolCall.read(call));
            } catch (IllegalArgumentException e) {
                throw new RowException("'%s': number %d is no call with name and arguments: %s"
                        .formatted(field.name(), calls.size() + 1, e.getMessage()));
            }
        }
        if (calls.isEmpty()) {
            throw new RowException("'%s' holds no call".formatted(field.name()));
        }
        return calls;
    }

    private static Iterable<JsonNode> each(Field field) throws RowException {
        JsonNode value = field.value();
        if (value.isTextual()) {
            try {
                value = JsonRows.MAPPER.readTree(value.textValue());
            } catch (JsonProcessingException e) {
                throw new RowException("'%s' is JSON in a text, and this text is none".formatted(field.name()));
            }
        }
        if (value.isObject()) {
            return List.of(value);
        }
        if (!value.isArray()) {
            throw new RowException(
                    "'%s' is a list or one object, and this is %s".formatted(field.name(), Fields.kind(value)));
        }
        return value;
    }
}
