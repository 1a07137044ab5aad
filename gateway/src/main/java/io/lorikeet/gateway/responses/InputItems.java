package io.lorikeet.gateway.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.shape.RecordReader;
import java.util.Set;

/** The input of a response as the messages of a chat. What is wrong the reader hears. */
final class InputItems {
    private static final Set<String> ROLES = Set.of("user", "assistant", "system", "developer");
    private static final Set<String> TEXTS = Set.of("input_text", "output_text", "text");
    private static final String CALLS = "tool_calls";

    private final ArrayNode messages = Json.mapper().createArrayNode();
    private final RecordReader reader;

    private InputItems(RecordReader reader) {
        this.reader = reader;
    }

    /**
     * The messages.
     *
     * @param instructions what the system message says; null: nothing
     * @param input a text or a list of items
     */
    static ArrayNode messages(String instructions, JsonNode input, RecordReader reader) {
        var items = new InputItems(reader);
        if (instructions != null) {
            items.say("system", instructions);
        }
        if (input.isTextual()) {
            items.say("user", input.textValue());
        } else if (input.isArray() && !input.isEmpty()) {
            for (int i = 0; i < input.size(); i++) {
                items.take(input.get(i), "input[" + i + "]");
            }
        } else {
            items.wrong("input", input.isMissingNode() ? "is missing" : "is neither", "a text, or a list of items");
        }
        return items.messages;
    }

    private void take(JsonNode item, String at) {
        var type = item.path("type").asText(item.has("role") ? "message" : "");
        switch (type) {
            case "message" -> message(item, at);
            case "function_call" -> call(item, at);
            case "function_call_output" ->
                say("tool", text(item.path("output"), at + ".output"))
                        .put("tool_call_id", required(item, "call_id", at));
            case "item_reference" ->
                wrong(
                        at,
                        "is a reference to a response, and responses are not kept",
                        "the item itself, which clients send when they set store to false");
            default ->
                wrong(
                        at + ".type",
                        type.isEmpty() ? "is missing" : Shown.name(type) + " is not supported",
                        "message, function_call or function_call_output");
        }
    }

    private void message(JsonNode item, String at) {
        var role = item.path("role").asText();
        if (!ROLES.contains(role)) {
            wrong(at + ".role", "is none", "user, assistant, system or developer");
        }
        say(role, text(item.path("content"), at + ".content"));
    }

    /** Calls belong to the answer that made them; those that follow each other are one answer's. */
    private void call(JsonNode item, String at) {
        var last = messages.isEmpty() ? null : (ObjectNode) messages.get(messages.size() - 1);
        var answer = last != null && last.path("role").asText().equals("assistant") ? last : say("assistant", null);
        var call = answer.withArray(CALLS).addObject();
        call.put("id", required(item, "call_id", at)).put("type", "function");
        call.putObject("function")
                .put("name", required(item, "name", at))
                .put("arguments", required(item, "arguments", at));
    }

    private ObjectNode say(String role, String text) {
        return messages.addObject().put("role", role).put("content", text);
    }

    private String text(JsonNode content, String at) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray()) {
            wrong(at, "is no text", "a text, or a list of parts {\"type\": \"input_text\", \"text\": …}");
            return "";
        }
        var text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            var part = content.get(i);
            var type = part.path("type").asText();
            if (TEXTS.contains(type) && part.path("text").isTextual()) {
                text.append(part.path("text").textValue());
            } else if (type.equals("refusal") && part.path("refusal").isTextual()) {
                text.append(part.path("refusal").textValue());
            } else {
                wrong(at + "[" + i + "]", "is no text", "{\"type\": \"input_text\", \"text\": …}");
            }
        }
        return text.toString();
    }

    private String required(JsonNode item, String name, String at) {
        var value = item.path(name);
        if (!value.isTextual()) {
            wrong(at + "." + name, value.isMissingNode() ? "is missing" : "is no text", "a text");
        }
        return value.textValue();
    }

    private void wrong(String at, String problem, String expected) {
        reader.problem(new Problem(at, problem, expected));
    }
}
