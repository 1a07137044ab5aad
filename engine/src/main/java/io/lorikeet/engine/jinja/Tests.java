package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Value.Bool;
import io.lorikeet.engine.jinja.Value.Dict;
import io.lorikeet.engine.jinja.Value.Function;
import io.lorikeet.engine.jinja.Value.Int;
import io.lorikeet.engine.jinja.Value.Loop;
import io.lorikeet.engine.jinja.Value.None;
import io.lorikeet.engine.jinja.Value.Real;
import io.lorikeet.engine.jinja.Value.Seq;
import io.lorikeet.engine.jinja.Value.Undefined;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What may stand after {@code is}. */
final class Tests {
    private interface Test {
        boolean of(Value value, Arguments arguments);
    }

    private static final Test EQUAL = (value, arguments) -> Python.equal(value, arguments.need(0, "other"));
    private static final Test UNEQUAL = (value, arguments) -> !Python.equal(value, arguments.need(0, "other"));
    private static final Test LESS = (value, arguments) -> Python.compare(value, arguments.need(0, "other")) < 0;
    private static final Test LESS_EQUAL = (value, arguments) -> Python.compare(value, arguments.need(0, "other")) <= 0;
    private static final Test GREATER = (value, arguments) -> Python.compare(value, arguments.need(0, "other")) > 0;
    private static final Test GREATER_EQUAL =
            (value, arguments) -> Python.compare(value, arguments.need(0, "other")) >= 0;

    private static final Map<String, Test> ALL = Map.ofEntries(
            Map.entry("defined", (value, _) -> !(value instanceof Undefined)),
            Map.entry("undefined", (value, _) -> value instanceof Undefined),
            Map.entry("none", (value, _) -> value == None.NONE),
            Map.entry("boolean", (value, _) -> value instanceof Bool),
            Map.entry("true", (value, _) -> value == Bool.TRUE),
            Map.entry("false", (value, _) -> value == Bool.FALSE),
            Map.entry("integer", (value, _) -> value instanceof Int),
            Map.entry("float", (value, _) -> value instanceof Real),
            Map.entry("number", (value, _) -> value instanceof Int || value instanceof Real || value instanceof Bool),
            Map.entry("string", (value, _) -> value instanceof Text),
            Map.entry("mapping", (value, _) -> value instanceof Dict),
            Map.entry(
                    "sequence",
                    (value, _) -> value instanceof Text
                            || value instanceof Seq
                            || value instanceof Dict
                            || value instanceof Undefined),
            Map.entry(
                    "iterable",
                    (value, _) -> value instanceof Text
                            || value instanceof Seq
                            || value instanceof Dict
                            || value instanceof Loop
                            || value instanceof Undefined),
            Map.entry("callable", (value, _) -> value instanceof Function),
            Map.entry("sameas", (value, arguments) -> same(value, arguments.need(0, "other"))),
            Map.entry("in", (value, arguments) -> Python.contains(arguments.need(0, "seq"), value)),
            Map.entry("odd", (value, _) -> rest(value, 2) == 1),
            Map.entry("even", (value, _) -> rest(value, 2) == 0),
            Map.entry("divisibleby", (value, arguments) -> rest(value, arguments.integer(0, "num", 0)) == 0),
            Map.entry("lower", (value, _) -> isCase(value, false)),
            Map.entry("upper", (value, _) -> isCase(value, true)),
            Map.entry("eq", EQUAL),
            Map.entry("equalto", EQUAL),
            Map.entry("ne", UNEQUAL),
            Map.entry("lt", LESS),
            Map.entry("lessthan", LESS),
            Map.entry("le", LESS_EQUAL),
            Map.entry("gt", GREATER),
            Map.entry("greaterthan", GREATER),
            Map.entry("ge", GREATER_EQUAL));

    static final Set<String> NAMES = ALL.keySet();

    private Tests() {}

    static boolean apply(String name, Value value, Arguments arguments) {
        Test test = ALL.get(name);
        if (test == null) {
            throw new TemplateException("the test '" + name + "' is not supported in a chat template");
        }
        return test.of(value, arguments);
    }

    private static boolean same(Value value, Value other) {
        return value == other
                || (value instanceof Int && other instanceof Int && value.equals(other))
                || (value instanceof Text && value.equals(other));
    }

    private static int rest(Value value, int divisor) {
        Optional<BigInteger> number = Python.integer(value);
        if (number.isEmpty() || divisor == 0) {
            throw new TemplateException("expected an integer to divide, found " + Python.describe(value));
        }
        return number.get().mod(BigInteger.valueOf(Math.abs(divisor))).intValue();
    }

    private static boolean isCase(Value value, boolean upper) {
        String text = Python.str(value).chars();
        String cased = upper ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT);
        return text.equals(cased)
                && text.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
    }
}
