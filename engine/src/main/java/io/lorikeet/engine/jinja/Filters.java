package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Value.Dict;
import io.lorikeet.engine.jinja.Value.Int;
import io.lorikeet.engine.jinja.Value.None;
import io.lorikeet.engine.jinja.Value.Real;
import io.lorikeet.engine.jinja.Value.Seq;
import io.lorikeet.engine.jinja.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What may stand after {@code |}. */
final class Filters {
    private interface Filter {
        Value of(Value value, Arguments arguments);
    }

    private static final Filter LENGTH = (value, _) -> Int.of(Python.length(value));
    private static final Filter DEFAULT =
            (value, arguments) -> value instanceof Undefined || (arguments.flag(1, "boolean") && !Python.truth(value))
                    ? arguments.get(0, "default_value", Text.EMPTY)
                    : value;

    private static final Map<String, Filter> ALL = Map.ofEntries(
            Map.entry("tojson", Json::dumps),
            Map.entry("length", LENGTH),
            Map.entry("count", LENGTH),
            Map.entry("default", DEFAULT),
            Map.entry("d", DEFAULT),
            Map.entry("trim", (value, arguments) -> Methods.strip(Python.str(value), arguments, true, true)),
            Map.entry("upper", (value, _) -> cased(value, text -> text.toUpperCase(Locale.ROOT))),
            Map.entry("lower", (value, _) -> cased(value, text -> text.toLowerCase(Locale.ROOT))),
            Map.entry("capitalize", (value, _) -> cased(value, Methods::capitalize)),
            Map.entry("string", (value, _) -> Python.str(value)),
            Map.entry("list", (value, _) -> Seq.list(Python.iterate(value))),
            Map.entry(
                    "items",
                    (value, _) -> value instanceof Dict dict
                            ? Seq.list(Methods.items(dict))
                            : Seq.list(Python.iterate(value instanceof Undefined ? value : notA("a dict", value)))),
            Map.entry("first", (value, _) -> end(Python.iterate(value), true)),
            Map.entry("last", (value, _) -> end(Python.iterate(value), false)),
            Map.entry("reverse", (value, _) -> reverse(value)),
            Map.entry("join", Filters::join),
            Map.entry(
                    "replace",
                    (value, arguments) -> Methods.replace(
                            Python.str(value),
                            Python.str(arguments.need(0, "old")),
                            Python.str(arguments.need(1, "new")),
                            arguments.integer(2, "count", -1))),
            Map.entry("indent", (value, arguments) -> indent(Python.text(value), arguments)),
            Map.entry("int", Filters::integer),
            Map.entry("float", Filters::real),
            Map.entry(
                    "abs",
                    (value, _) -> Python.compare(value, Int.of(0)) < 0
                            ? Arithmetic.sign(true, value)
                            : Arithmetic.sign(false, value)),
            Map.entry("round", Filters::round),
            Map.entry("format", (value, arguments) -> Arithmetic.format(Python.text(value), arguments.positional())),
            Map.entry("sum", (value, _) -> {
                Value sum = Int.of(0);
                for (Value item : Python.iterate(value)) {
                    sum = Arithmetic.apply("+", sum, item);
                }
                return sum;
            }),
            Map.entry("min", (value, _) -> extreme(value, -1)),
            Map.entry("max", (value, _) -> extreme(value, 1)),
            Map.entry("sort", Filters::sort),
            Map.entry("unique", Filters::unique),
            Map.entry("dictsort", Filters::dictsort),
            Map.entry("map", Filters::map),
            Map.entry("select", (value, arguments) -> select(value, arguments, false, true)),
            Map.entry("reject", (value, arguments) -> select(value, arguments, false, false)),
            Map.entry("selectattr", (value, arguments) -> select(value, arguments, true, true)),
            Map.entry("rejectattr", (value, arguments) -> select(value, arguments, true, false)));

    static final Set<String> NAMES = ALL.keySet();

    private Filters() {}

    static Value apply(String name, Value value, Arguments arguments) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw new TemplateException("the filter '" + name + "' is not supported in a chat template");
        }
        return filter.of(value, arguments);
    }

    private static Value notA(String wanted, Value value) {
        throw new TemplateException("expected " + wanted + ", found " + Python.describe(value));
    }

    private static Text cased(Value value, UnaryOperator<String> change) {
        Text text = Python.str(value);
        return text.withChars(change.apply(text.chars()));
    }

    private static Value end(List<Value> items, boolean first) {
        return items.isEmpty() ? new Undefined("there is no such item") : first ? items.getFirst() : items.getLast();
    }

    private static Value reverse(Value value) {
        if (value instanceof Text text) {
            return Methods.join(Text.EMPTY, text.codePoints().reversed());
        }
        return Seq.list(Python.iterate(value).reversed());
    }

    private static Value join(Value value, Arguments arguments) {
        List<Value> items = Python.iterate(value);
        if (!arguments.lacks(1, "attribute")) {
            items = items.stream()
                    .map(item -> path(item, arguments.need(1, "attribute")))
                    .toList();
        }
        return Methods.join(
                Python.str(arguments.get(0, "d", Text.EMPTY)),
                items.stream().<Value>map(Python::str).toList());
    }

    private static Value indent(Text text, Arguments arguments) {
        Value width = arguments.get(0, "width", Int.of(4));
        Text indent = width instanceof Text given
                ? given
                : Text.literal(" ".repeat(Math.clamp(Python.index(width), 0, 1000)));
        boolean blank = arguments.flag(2, "blank");
        var out = new Text.Builder();
        if (arguments.flag(1, "first")) {
            out.append(indent);
        }
        List<Value> lines = Methods.lines(text.concat(Text.literal("\n")), false);
        for (int i = 0; i < lines.size(); i++) {
            Text line = (Text) lines.get(i);
            if (i > 0) {
                out.append("\n");
                if (blank || !line.isEmpty()) {
                    out.append(indent);
                }
            }
            out.append(line);
        }
        return out.build();
    }

    private static Value integer(Value value, Arguments arguments) {
        Value otherwise = arguments.get(0, "default", Int.of(0));
        try {
            return switch (value) {
                case Text text -> {
                    String digits = text.chars().strip().replace("_", "");
                    yield arguments.lacks(1, "base")
                            ? new Int(new BigDecimal(digits).toBigInteger())
                            : new Int(new BigInteger(digits, arguments.integer(1, "base", 10)));
                }
                case Real(var number) -> new Int(new BigDecimal(number).toBigInteger());
                case Value.Bool _, Int _ -> new Int(Python.integer(value).orElseThrow());
                case None _, Undefined _, Seq _, Dict _, Value.Namespace _, Value.Loop _, Value.Function _ -> otherwise;
            };
        } catch (NumberFormatException _) {
            return otherwise;
        }
    }

    private static Value real(Value value, Arguments arguments) {
        Value otherwise = arguments.get(0, "default", new Real(0));
        try {
            return switch (value) {
                case Text text ->
                    new Real(Double.parseDouble(text.chars().strip().replace("_", "")));
                case Real _ -> value;
                case Value.Bool _, Int _ ->
                    new Real(Python.integer(value).orElseThrow().doubleValue());
                case None _, Undefined _, Seq _, Dict _, Value.Namespace _, Value.Loop _, Value.Function _ -> otherwise;
            };
        } catch (NumberFormatException _) {
            return otherwise;
        }
    }

    private static Value round(Value value, Arguments arguments) {
        Real number = (Real) real(value, Arguments.NONE);
        RoundingMode mode =
                switch (arguments.get(1, "method", Text.literal("common")).toString()) {
                    case "ceil" -> RoundingMode.CEILING;
                    case "floor" -> RoundingMode.FLOOR;
                    default -> RoundingMode.HALF_EVEN;
                };
        return new Real(new BigDecimal(number.value())
                .setScale(arguments.integer(0, "precision", 0), mode)
                .doubleValue());
    }

    private static Value extreme(Value value, int sign) {
        List<Value> items = Python.iterate(value);
        Value best = end(items, true);
        for (Value item : items) {
            if (Integer.signum(Python.compare(item, best)) == sign) {
                best = item;
            }
        }
        return best;
    }

    private static Value sort(Value value, Arguments arguments) {
        boolean reverse = arguments.flag(0, "reverse");
        Comparator<Value> order = Comparator.comparing(
                item -> folded(
                        arguments.lacks(2, "attribute") ? item : path(item, arguments.need(2, "attribute")),
                        arguments.flag(1, "case_sensitive")),
                Python::compare);
        return Seq.list(Python.iterate(value).stream()
                .sorted(reverse ? order.reversed() : order)
                .toList());
    }

    private static Value unique(Value value, Arguments arguments) {
        List<Value> seen = new ArrayList<>();
        List<Value> out = new ArrayList<>();
        for (Value item : Python.iterate(value)) {
            Value key = folded(
                    arguments.lacks(1, "attribute") ? item : path(item, arguments.need(1, "attribute")),
                    arguments.flag(0, "case_sensitive"));
            if (seen.stream().noneMatch(other -> Python.equal(other, key))) {
                seen.add(key);
                out.add(item);
            }
        }
        return Seq.list(out);
    }

    private static Value dictsort(Value value, Arguments arguments) {
        if (!(value instanceof Dict dict)) {
            return notA("a dict", value);
        }
        int by = arguments.get(1, "by", Text.EMPTY).toString().equals("value") ? 1 : 0;
        Comparator<Value> order = Comparator.comparing(
                pair -> folded(((Seq) pair).items().get(by), arguments.flag(0, "case_sensitive")), Python::compare);
        return Seq.list(Methods.items(dict).stream()
                .sorted(arguments.flag(2, "reverse") ? order.reversed() : order)
                .toList());
    }

    private static Value folded(Value value, boolean caseSensitive) {
        return value instanceof Text text && !caseSensitive
                ? text.withChars(text.chars().toLowerCase(Locale.ROOT))
                : value;
    }

    private static Value map(Value value, Arguments arguments) {
        if (!arguments.positional().isEmpty()) {
            String filter = arguments.text(0, "filter").chars();
            return Seq.list(Python.iterate(value).stream()
                    .map(item -> apply(filter, item, arguments.from(1)))
                    .toList());
        }
        Value attribute = arguments.need(0, "attribute");
        Value otherwise = arguments.named().get("default");
        return Seq.list(Python.iterate(value).stream()
                .map(item -> path(item, attribute))
                .map(found -> found instanceof Undefined && otherwise != null ? otherwise : found)
                .toList());
    }

    private static Value select(Value value, Arguments arguments, boolean byAttribute, boolean wanted) {
        int first = byAttribute ? 1 : 0;
        List<Value> out = new ArrayList<>();
        for (Value item : Python.iterate(value)) {
            Value looked = byAttribute ? path(item, arguments.need(0, "attribute")) : item;
            boolean holds = arguments.positional().size() <= first
                    ? Python.truth(looked)
                    : Tests.apply(arguments.text(first, "test").chars(), looked, arguments.from(first + 1));
            if (holds == wanted) {
                out.add(item);
            }
        }
        return Seq.list(out);
    }

    /** {@code function.name}, {@code 0}: what stands at a path, as {@code item[part]} would find it. */
    private static Value path(Value item, Value path) {
        if (!(path instanceof Text text)) {
            return Lookup.item(item, path);
        }
        Value at = item;
        for (String part : text.chars().split("\\.", -1)) {
            boolean number = !part.isEmpty() && part.chars().allMatch(Character::isDigit);
            at = Lookup.item(at, number ? Int.of(Long.parseLong(part)) : Text.literal(part));
        }
        return at;
    }
}
