package io.lorikeet.engine.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/**
 * A call that the assistant makes.
 *
 * @param id ties a tool's answer to it; few templates write it
 * @param arguments a JSON object
 */
public record ToolCall(Optional<String> id, String name, JsonNode arguments) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public ToolCall {
        if (!arguments.isObject()) {
            throw new IllegalArgumentException("arguments: expected a JSON object, found "
                    + arguments.getNodeType().name().toLowerCase(java.util.Locale.ROOT));
        }
    }

    /**
     * A call as OpenAI's API and datasets have it: name and arguments under {@code function} or beside each other, the
     * arguments an object or JSON in a string.
     *
     * @throws IllegalArgumentException naming the field that is wrong
     */
    public static ToolCall read(JsonNode call) {
        JsonNode type = call.path("type");
        if (!type.isMissingNode() && !type.asText().equals("function")) {
            throw new IllegalArgumentException("type: expected function, found another");
        }
        JsonNode function = call.has("function") ? call.get("function") : call;
        JsonNode name = function.path("name");
        if (!name.isTextual() || name.textValue().isEmpty()) {
            throw new IllegalArgumentException("name: expected the name of a function, found none");
        }
        Optional<String> id = Optional.ofNullable(call.path("id").textValue());
        JsonNode arguments = function.path("arguments");
        return arguments.isTextual()
                ? of(id, name.textValue(), arguments.textValue())
                : new ToolCall(id, name.textValue(), arguments);
    }

    /** With its arguments as JSON in a string. */
    public static ToolCall of(Optional<String> id, String name, String arguments) {
        try {
            return new ToolCall(id, name, JSON.readTree(arguments));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("arguments: expected a JSON object, found no JSON", e);
        }
    }
}
