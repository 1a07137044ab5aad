package io.lorikeet.engine.grammar;

import static io.lorikeet.engine.grammar.Expression.any;
import static io.lorikeet.engine.grammar.Expression.choice;
import static io.lorikeet.engine.grammar.Expression.literal;
import static io.lorikeet.engine.grammar.Expression.sequence;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** Keys that are none of some names. As far as one begins like a name, it is written without escapes. */
final class OtherKeys {
    private static final Expression REST = sequence(any(JsonText.CHARACTER), literal("\""));

    private OtherKeys() {}

    /** The rest of a key after its opening quote, the closing one too. */
    static Expression than(Collection<String> names, String path) {
        for (String name : names) {
            if (name.chars().anyMatch(c -> c < 0x20 || c == '"' || c == '\\')) {
                throw new SchemaException(path, "is not supported beside a property whose name has to be escaped");
            }
        }
        return names.isEmpty()
                ? REST
                : others(names.stream().map(name -> name.codePoints().toArray()).toList(), 0);
    }

    /** Of names that begin alike, up to a place. */
    private static Expression others(List<int[]> names, int place) {
        var byNext = new TreeMap<Integer, List<int[]>>();
        boolean isName = false;
        for (int[] name : names) {
            if (name.length == place) {
                isName = true;
            } else {
                byNext.computeIfAbsent(name[place], _ -> new ArrayList<>()).add(name);
            }
        }
        CodePoints begun = new CodePoints(List.of());
        List<Expression> ways = new ArrayList<>();
        for (var next : byNext.entrySet()) {
            CodePoints character = CodePoints.of(next.getKey(), next.getKey());
            begun = begun.or(character);
            ways.add(sequence(character.utf8(), others(next.getValue(), place + 1)));
        }
        CodePoints plain =
                CodePoints.of("\"\\").or(CodePoints.of(0, 0x1F)).or(begun).not();
        ways.add(sequence(plain.utf8(), REST));
        if (byNext.isEmpty()) {
            ways.add(sequence(literal("\\"), JsonText.ESCAPE, REST));
        }
        if (!isName) {
            ways.add(literal("\""));
        }
        return choice(ways);
    }
}
