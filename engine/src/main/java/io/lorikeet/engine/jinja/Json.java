package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Value.Bool;
import io.lorikeet.engine.jinja.Value.Dict;
import io.lorikeet.engine.jinja.Value.Function;
import io.lorikeet.engine.jinja.Value.Int;
import io.lorikeet.engine.jinja.Value.Loop;
import io.lorikeet.engine.jinja.Value.Namespace;
import io.lorikeet.engine.jinja.Value.None;
import io.lorikeet.engine.jinja.Value.Real;
import io.lorikeet.engine.jinja.Value.Seq;
import io.lorikeet.engine.jinja.Value.Undefined;
import java.util.Collection;
import java.util.Comparator;
import java.util.function.Consumer;

/** {@code tojson} as transformers defines it: Python's {@code json.dumps}, which escapes no HTML. */
final class Json {
    private final boolean ascii;
    /** What one level is indented by; null: all on one line. */
    private final String indent;

    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;
    private final Text.Builder out = new Text.Builder();

    private Json(Arguments arguments) {
        ascii = arguments.flag(0, "ensure_ascii");
        Value width = arguments.get(1, "indent", None.NONE);
        indent = width == None.NONE
                ? null
                : width instanceof Text text ? text.chars() : " ".repeat(Math.max(0, Python.index(width)));
        if (arguments.get(2, "separators", None.NONE) instanceof Seq(var separators, var _) && separators.size() == 2) {
            itemSeparator = Python.text(separators.get(0)).chars();
            keySeparator = Python.text(separators.get(1)).chars();
        } else {
            itemSeparator = indent == null ? ", " : ",";
            keySeparator = ": ";
        }
        sorted = arguments.flag(3, "sort_keys");
    }

    static Text dumps(Value value, Arguments arguments) {
        var json = new Json(arguments.atMost(4, "ensure_ascii", "indent", "separators", "sort_keys"));
        json.write(value, 0);
        return json.out.build();
    }

    private void write(Value value, int depth) {
        switch (value) {
            case None _ -> out.append("null");
            case Bool bool -> out.append(bool == Bool.TRUE ? "true" : "false");
            case Int(var number) -> out.append(number.toString());
            case Real(var number) ->
                out.append(
                        Double.isNaN(number)
                                ? "NaN"
                                : Double.isInfinite(number)
                                        ? number > 0 ? "Infinity" : "-Infinity"
                                        : Escapes.real(number));
            case Text text -> Escapes.json(text, ascii, out);
            case Seq(var items, var _) -> all(items, "[", "]", depth, item -> write(item, depth + 1));
            case Dict(var entries, var _) -> {
                Collection<Dict.Entry> ordered = sorted
                        ? entries.values().stream()
                                .sorted(Comparator.comparing(Dict.Entry::key, Python::compare))
                                .toList()
                        : entries.values();
                all(ordered, "{", "}", depth, entry -> {
                    Escapes.json(entry.key(), ascii, out);
                    out.append(keySeparator);
                    write(entry.value(), depth + 1);
                });
            }
            case Undefined _, Namespace _, Loop _, Function _ ->
                throw new TemplateException("tojson: " + Python.describe(value) + " has no JSON");
        }
    }

    private <T> void all(Collection<T> items, String begin, String end, int depth, Consumer<T> write) {
        out.append(begin);
        String separator = "";
        for (T item : items) {
            out.append(separator);
            line(depth + 1);
            write.accept(item);
            separator = itemSeparator;
        }
        if (!items.isEmpty()) {
            line(depth);
        }
        out.append(end);
    }

    private void line(int depth) {
        if (indent != null) {
            out.append("\n" + indent.repeat(depth));
        }
    }
}
