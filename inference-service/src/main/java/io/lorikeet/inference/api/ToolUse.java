package io.lorikeet.inference.api;

import static io.lorikeet.inference.api.CommonFields.broken;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.grammar.Grammar;
import io.lorikeet.engine.grammar.ToolCalls;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a chat completion request says of tools.
 *
 * @param functions that the assistant may call; none: it may not call any
 * @param parallel whether it may call several at once
 */
record ToolUse(List<Function> functions, Choice choice, boolean parallel) {
    static final ToolUse NONE = new ToolUse(List.of(), Choice.AUTO, true);

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");

    /** Whether it calls. */
    enum Choice {
        /** As it likes. */
        AUTO,
        /** It has to. */
        REQUIRED
    }

    /**
     * A function.
     *
     * @param definition as the chat template writes it
     * @param strict whether its arguments are of its schema even if the assistant calls it by itself
     */
    record Function(ToolCalls.Tool tool, JsonNode definition, boolean strict) {}

    /**
     * Reads a request's fields, each of which may be missing.
     *
     * @param choice with a type: none, auto, required, or function
     * @throws io.lorikeet.contracts.ContractException naming what is wrong
     */
    static ToolUse read(List<JsonNode> tools, JsonNode choice, Boolean parallel) {
        List<Function> all = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; tools != null && i < tools.size(); i++) {
            Function function = function("tools[" + i + "]", tools.get(i));
            if (!names.add(function.tool.name())) {
                throw broken("tools[" + i + "].function.name", "is there twice", "a name of its own");
            }
            all.add(function);
        }
        boolean several = parallel == null || parallel;
        return switch (choice == null ? "auto" : choice.path("type").asText()) {
            case "function" -> new ToolUse(named(all, choice), Choice.REQUIRED, false);
            case "none" -> NONE;
            case "auto" -> all.isEmpty() ? NONE : new ToolUse(all, Choice.AUTO, several);
            case "required" -> {
                if (all.isEmpty()) {
                    throw broken("tool_choice", "asks for a call of no tools", "tools beside it");
                }
                yield new ToolUse(all, Choice.REQUIRED, several);
            }
            default ->
                throw broken("tool_choice", "is none", "none, auto, required, or a function's name in an object");
        };
    }

    private static List<Function> named(List<Function> all, JsonNode choice) {
        String name = choice.path("function").path("name").asText();
        List<Function> named =
                all.stream().filter(each -> each.tool.name().equals(name)).toList();
        if (named.isEmpty()) {
            throw broken("tool_choice.function.name", "is no function of tools", "the name of one");
        }
        return named;
    }

    private static Function function(String at, JsonNode tool) {
        JsonNode function = tool.path("function");
        if (!tool.path("type").asText().equals("function") || !function.isObject()) {
            throw broken(at, "is no function", "{\"type\": \"function\", \"function\": {\"name\": …}}");
        }
        String name = function.path("name").asText();
        if (!NAME.matcher(name).matches()) {
            throw broken(at + ".function.name", "is none", "1 to 64 letters, digits, _, . or -");
        }
        ObjectNode definition = tool.deepCopy();
        ((ObjectNode) definition.get("function")).remove("strict");
        return new Function(
                new ToolCalls.Tool(
                        name,
                        parameters(at + ".function.parameters", function.path("parameters")),
                        at + ".function.parameters"),
                definition,
                function.path("strict").asBoolean());
    }

    private static JsonNode parameters(String at, JsonNode schema) {
        ObjectNode parameters = JsonNodeFactory.instance.objectNode();
        if (schema.isMissingNode() || schema.isNull()) {
            parameters.putObject("properties");
        } else if (schema.isObject()) {
            parameters.setAll((ObjectNode) schema);
        } else {
            throw broken(at, "is no schema", "an object");
        }
        if (!parameters.path("type").asText("object").equals("object")) {
            throw broken(at + ".type", "is not object", "a schema of objects");
        }
        return parameters.put("type", "object");
    }

    /** As the chat template writes them. */
    List<JsonNode> definitions() {
        return functions.stream().map(Function::definition).toList();
    }

    Set<String> names() {
        return Set.copyOf(functions.stream().map(each -> each.tool.name()).toList());
    }

    boolean isAllowed() {
        return !functions.isEmpty();
    }

    /** Whether what follows the beginning of a call is a call, as decoding sees to it. */
    boolean isEnforced() {
        return choice == Choice.REQUIRED || functions.stream().anyMatch(Function::strict);
    }

    /**
     * What the answer has to be.
     *
     * @param format of an answer that calls nothing; none: any text
     */
    Optional<Grammar> grammar(Optional<Grammar> format) {
        if (!isAllowed()) {
            return format;
        }
        if (choice == Choice.REQUIRED) {
            return Optional.of(ToolCalls.only(tools(true), parallel));
        }
        if (format.isPresent()) {
            return Optional.of(ToolCalls.either(format.get(), ToolCalls.only(tools(false), parallel)));
        }
        return isEnforced() ? Optional.of(ToolCalls.amidText(tools(false), parallel)) : Optional.empty();
    }

    /** @param all whether those that are not strict keep their schema */
    private List<ToolCalls.Tool> tools(boolean all) {
        return functions.stream()
                .map(each -> all || each.strict
                        ? each.tool
                        : new ToolCalls.Tool(
                                each.tool.name(),
                                JsonNodeFactory.instance.objectNode().put("type", "object"),
                                each.tool.path()))
                .toList();
    }
}
