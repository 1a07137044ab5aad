package io.lorikeet.engine.grammar;

import static io.lorikeet.engine.grammar.Expression.any;
import static io.lorikeet.engine.grammar.Expression.choice;
import static io.lorikeet.engine.grammar.Expression.literal;
import static io.lorikeet.engine.grammar.Expression.sequence;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.grammar.Expression.Bytes;
import java.util.ArrayList;
import java.util.List;

/** Calls of tools as Qwen2.5 and Qwen3 write them, and as their chat templates show them how to. */
public final class ToolCalls {
    /** Before each call; a token of its own in these models. */
    public static final String BEGIN = "<tool_call>";

    /** Behind it. */
    public static final String END = "</tool_call>";

    private ToolCalls() {}

    /**
     * A tool.
     *
     * @param parameters JSON Schema of a call's arguments
     * @param path of the schema, for what is said against it
     */
    public record Tool(String name, JsonNode parameters, String path) {}

    /**
     * Calls and nothing else, at least one.
     *
     * @throws SchemaException naming what cannot be enforced of a tool's parameters
     */
    public static Grammar only(List<Tool> tools, boolean parallel) {
        Expression call = sequence(literal(BEGIN), call(tools));
        return new Grammar(new Rule("calls", parallel ? sequence(call, any(sequence(literal("\n"), call))) : call));
    }

    /**
     * Any text, but what follows {@link #BEGIN} is a call.
     *
     * @throws SchemaException naming what cannot be enforced of a tool's parameters
     */
    public static Grammar amidText(List<Tool> tools, boolean parallel) {
        int length = BEGIN.length();
        List<Rule> begun = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            begun.add(new Rule("text after " + i + " of " + BEGIN));
        }
        Expression call = call(tools);
        Expression whole = parallel ? sequence(call, begun.getFirst().call()) : call;
        // its first character is found nowhere else in it, so what breaks off begins anew or not at all
        int first = BEGIN.charAt(0);
        for (int i = 0; i < length; i++) {
            int next = BEGIN.charAt(i);
            int low = Math.min(first, next);
            int high = Math.max(first, next);
            List<Expression> ways = new ArrayList<>();
            ways.add(sequence());
            ways.add(sequence(
                    new Bytes(next, next),
                    i == length - 1 ? whole : begun.get(i + 1).call()));
            if (next != first) {
                ways.add(sequence(new Bytes(first, first), begun.get(1).call()));
                ways.add(sequence(new Bytes(low + 1, high - 1), begun.getFirst().call()));
            }
            ways.add(sequence(
                    choice(new Bytes(0, low - 1), new Bytes(high + 1, 255)),
                    begun.getFirst().call()));
            begun.get(i).define(choice(ways));
        }
        return new Grammar(begun.getFirst());
    }

    /** Any of two. */
    public static Grammar either(Grammar one, Grammar other) {
        return new Grammar(
                new Rule("either", choice(one.root().call(), other.root().call())));
    }

    /** From behind {@link #BEGIN} on. */
    private static Expression call(List<Tool> tools) {
        return choice(tools.stream()
                .map(tool -> sequence(
                        literal("\n{\"name\": "),
                        JsonText.string(JsonText.text(tool.name)),
                        literal(", \"arguments\": "),
                        JsonSchema.rule(tool.parameters, tool.path).call(),
                        literal("}\n" + END)))
                .toList());
    }
}
