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
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** What Python's values are to each other. */
final class Python {
    private Python() {}

    static boolean truth(Value value) {
        return switch (value) {
            case None _, Undefined _ -> false;
            case Bool bool -> bool == Bool.TRUE;
            case Int(var number) -> number.signum() != 0;
            case Real(var number) -> number != 0;
            case Text text -> !text.isEmpty();
            case Seq(var items, var _) -> !items.isEmpty();
            case Dict(var entries, var _) -> !entries.isEmpty();
            case Namespace _, Loop _, Function _ -> true;
        };
    }

    static boolean equal(Value a, Value b) {
        if (a instanceof Text text) {
            return text.equals(b);
        }
        OptionalInt numbers = compareNumbers(a, b);
        if (numbers.isPresent()) {
            return numbers.getAsInt() == 0;
        }
        return switch (a) {
            case Seq(var items, var tuple) ->
                b instanceof Seq(var others, var otherTuple)
                        && tuple == otherTuple
                        && items.size() == others.size()
                        && IntStream.range(0, items.size()).allMatch(i -> equal(items.get(i), others.get(i)));
            case Dict(var entries, var _) ->
                b instanceof Dict(var others, var _)
                        && entries.keySet().equals(others.keySet())
                        && entries.keySet().stream()
                                .allMatch(key -> equal(
                                        entries.get(key).value(),
                                        others.get(key).value()));
            case Undefined _ -> b instanceof Undefined;
            case Text _, None _, Bool _, Int _, Real _, Namespace _, Loop _, Function _ -> a == b;
        };
    }

    /** Negative, zero or positive, as a comparator's. */
    static int compare(Value a, Value b) {
        OptionalInt numbers = compareNumbers(a, b);
        if (numbers.isPresent()) {
            return numbers.getAsInt();
        }
        if (a instanceof Text x && b instanceof Text y) {
            int[] mine = x.chars().codePoints().toArray();
            int[] other = y.chars().codePoints().toArray();
            return java.util.Arrays.compare(mine, other);
        }
        if (a instanceof Seq(var mine, var _) && b instanceof Seq(var other, var _)) {
            for (int i = 0; i < Math.min(mine.size(), other.size()); i++) {
                if (!equal(mine.get(i), other.get(i))) {
                    return compare(mine.get(i), other.get(i));
                }
            }
            return Integer.compare(mine.size(), other.size());
        }
        throw new TemplateException("cannot order " + type(a) + " and " + type(b));
    }

    static boolean contains(Value container, Value item) {
        return switch (container) {
            case Text text -> text.chars().contains(text(item).chars());
            case Seq(var items, var _) -> items.stream().anyMatch(one -> equal(one, item));
            case Dict(var entries, var _) -> item instanceof Text key && entries.containsKey(key.chars());
            case Undefined _ -> false;
            case None _, Bool _, Int _, Real _, Namespace _, Loop _, Function _ ->
                throw new TemplateException("cannot look for something in " + type(container));
        };
    }

    /** How two numbers compare, bools among them; empty if one is none. Python knows no NaN that a template could make. */
    private static OptionalInt compareNumbers(Value a, Value b) {
        Optional<BigDecimal> x = number(a);
        Optional<BigDecimal> y = number(b);
        return x.isPresent() && y.isPresent() ? OptionalInt.of(x.get().compareTo(y.get())) : OptionalInt.empty();
    }

    private static Optional<BigDecimal> number(Value value) {
        return value instanceof Real(var number) && Double.isFinite(number)
                ? Optional.of(new BigDecimal(number))
                : integer(value).map(BigDecimal::new);
    }

    /** What a for goes over. */
    static List<Value> iterate(Value value) {
        return switch (value) {
            case Seq(var items, var _) -> items;
            case Text text -> text.codePoints();
            case Dict(var entries, var _) ->
                entries.values().stream().<Value>map(Dict.Entry::key).toList();
            case Undefined _ -> List.of();
            case None _, Bool _, Int _, Real _, Namespace _, Loop _, Function _ ->
                throw new TemplateException("cannot go through " + type(value));
        };
    }

    static int length(Value value) {
        return switch (value) {
            case Text text -> text.length();
            case Seq(var items, var _) -> items.size();
            case Dict(var entries, var _) -> entries.size();
            case Undefined _ -> 0;
            case Loop(var items, var _) -> items.size();
            case None _, Bool _, Int _, Real _, Namespace _, Function _ ->
                throw new TemplateException(type(value) + " has no length");
        };
    }

    static int index(Value value) {
        return switch (value) {
            case Bool bool -> bool == Bool.TRUE ? 1 : 0;
            case Int(var number) -> {
                if (number.bitLength() > 31) {
                    throw new TemplateException(number + " is too large here");
                }
                yield number.intValue();
            }
            case Real _, None _, Undefined _, Text _, Seq _, Dict _, Namespace _, Loop _, Function _ ->
                throw new TemplateException("expected an integer, found " + describe(value));
        };
    }

    /** The value of an int or a bool. */
    static Optional<BigInteger> integer(Value value) {
        return switch (value) {
            case Bool bool -> Optional.of(bool == Bool.TRUE ? BigInteger.ONE : BigInteger.ZERO);
            case Int(var number) -> Optional.of(number);
            case Real _, None _, Undefined _, Text _, Seq _, Dict _, Namespace _, Loop _, Function _ ->
                Optional.empty();
        };
    }

    static Text text(Value value) {
        if (value instanceof Text text) {
            return text;
        }
        throw new TemplateException("expected a string, found " + describe(value));
    }

    /** As {@code str()}. */
    static Text str(Value value) {
        if (value instanceof Text text) {
            return text;
        }
        var out = new Text.Builder();
        if (!(value instanceof Undefined)) {
            repr(value, out);
        }
        return out.build();
    }

    private static void repr(Value value, Text.Builder out) {
        switch (value) {
            case None _ -> out.append("None");
            case Bool bool -> out.append(bool == Bool.TRUE ? "True" : "False");
            case Int(var number) -> out.append(number.toString());
            case Real(var number) -> out.append(Escapes.real(number));
            case Text text -> Escapes.repr(text, out);
            case Undefined _ -> out.append("Undefined");
            case Seq(var items, var tuple) -> {
                out.append(tuple ? "(" : "[");
                for (int i = 0; i < items.size(); i++) {
                    out.append(i == 0 ? "" : ", ");
                    repr(items.get(i), out);
                }
                out.append(tuple ? items.size() == 1 ? ",)" : ")" : "]");
            }
            case Dict(var entries, var _) -> {
                out.append("{");
                String separator = "";
                for (var entry : entries.values()) {
                    out.append(separator);
                    repr(entry.key(), out);
                    out.append(": ");
                    repr(entry.value(), out);
                    separator = ", ";
                }
                out.append("}");
            }
            case Namespace _, Loop _, Function _ ->
                throw new TemplateException("a chat template cannot print " + type(value));
        }
    }

    static String describe(Value value) {
        return value instanceof Undefined(var what) ? what : type(value);
    }

    static String type(Value value) {
        return switch (value) {
            case None _ -> "None";
            case Bool _ -> "a bool";
            case Int _ -> "an int";
            case Real _ -> "a float";
            case Text _ -> "a string";
            case Seq(var _, var tuple) -> tuple ? "a tuple" : "a list";
            case Dict _ -> "a dict";
            case Namespace _ -> "a namespace";
            case Loop _ -> "a loop";
            case Function _ -> "a function";
            case Undefined _ -> "something undefined";
        };
    }

    /** Python's space, which is Unicode's and some separators. */
    static boolean isSpace(int c) {
        return Character.getType(c) == Character.SPACE_SEPARATOR
                || (c >= 9 && c <= 13)
                || (c >= 0x1c && c <= 0x1f)
                || c == 0x85
                || c == 0x2028
                || c == 0x2029;
    }

    /** Where a string begins without these characters at its front. */
    static int trimmedStart(String chars, IntPredicate gone) {
        int start = 0;
        while (start < chars.length() && gone.test(chars.codePointAt(start))) {
            start += Character.charCount(chars.codePointAt(start));
        }
        return start;
    }

    /** Where it ends without them at its end. */
    static int trimmedEnd(String chars, IntPredicate gone) {
        int end = chars.length();
        while (end > 0 && gone.test(chars.codePointBefore(end))) {
            end -= Character.charCount(chars.codePointBefore(end));
        }
        return end;
    }
}
