package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Value.Int;
import io.lorikeet.engine.jinja.Value.Real;
import io.lorikeet.engine.jinja.Value.Seq;
import io.lorikeet.engine.jinja.Value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Python's operators. */
final class Arithmetic {
    /** Larger powers and repetitions have no place in a template. */
    private static final int MAX_COUNT = 1_000_000;

    private Arithmetic() {}

    static Value apply(String operator, Value left, Value right) {
        if (left instanceof Undefined(var what)) {
            throw new TemplateException(what);
        }
        if (right instanceof Undefined(var what)) {
            throw new TemplateException(what);
        }
        if (left instanceof Text text && operator.equals("%")) {
            return format(text, right instanceof Seq(var items, var tuple) && tuple ? items : List.of(right));
        }
        if (operator.equals("+")) {
            if (left instanceof Text a && right instanceof Text b) {
                return a.concat(b);
            }
            if (left instanceof Seq(var a, var tuple)
                    && right instanceof Seq(var b, var otherTuple)
                    && tuple == otherTuple) {
                List<Value> all = new ArrayList<>(a);
                all.addAll(b);
                return new Seq(all, tuple);
            }
        }
        if (operator.equals("*") && (left instanceof Text || left instanceof Seq)) {
            return repeat(left, right);
        }
        if (operator.equals("*") && (right instanceof Text || right instanceof Seq)) {
            return repeat(right, left);
        }
        Optional<BigInteger> a = Python.integer(left);
        Optional<BigInteger> b = Python.integer(right);
        if (a.isPresent()
                && b.isPresent()
                && !operator.equals("/")
                && !(operator.equals("**") && b.get().signum() < 0)) {
            return new Int(integers(operator, a.get(), b.get()));
        }
        return new Real(reals(operator, real(operator, left), real(operator, right)));
    }

    static Value sign(boolean negative, Value value) {
        Optional<BigInteger> integer = Python.integer(value);
        if (integer.isPresent()) {
            return new Int(negative ? integer.get().negate() : integer.get());
        }
        double number = real(negative ? "-" : "+", value);
        return new Real(negative ? -number : number);
    }

    private static Value repeat(Value what, Value times) {
        int count = Math.max(0, Python.index(times));
        if (count > MAX_COUNT || (long) count * Python.length(what) > Text.Builder.MAX_LENGTH) {
            throw new TemplateException("a chat template cannot repeat something " + count + " times");
        }
        if (what instanceof Text text) {
            var out = new Text.Builder();
            for (int i = 0; i < count; i++) {
                out.append(text);
            }
            return out.build();
        }
        Seq seq = (Seq) what;
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            out.addAll(seq.items());
        }
        return new Seq(out, seq.tuple());
    }

    private static BigInteger integers(String operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case "+" -> a.add(b);
            case "-" -> a.subtract(b);
            case "*" -> a.multiply(b);
            case "//" -> {
                BigInteger[] parts = nonZero(a, b).divideAndRemainder(b);
                yield parts[1].signum() != 0 && parts[1].signum() != b.signum()
                        ? parts[0].subtract(BigInteger.ONE)
                        : parts[0];
            }
            case "%" -> {
                BigInteger rest = nonZero(a, b).remainder(b);
                yield rest.signum() != 0 && rest.signum() != b.signum() ? rest.add(b) : rest;
            }
            case "**" -> {
                if (b.bitLength() > 12 || a.bitLength() > 4096) {
                    throw new TemplateException("a power is too large");
                }
                yield a.pow(b.intValue());
            }
            default -> throw new IllegalStateException(operator);
        };
    }

    private static BigInteger nonZero(BigInteger a, BigInteger b) {
        if (b.signum() == 0) {
            throw new TemplateException("division by zero");
        }
        return a;
    }

    private static double reals(String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new TemplateException("division by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            case "**" -> Math.pow(a, b);
            default -> throw new IllegalStateException(operator);
        };
    }

    private static double real(String operator, Value value) {
        if (value instanceof Real(var number)) {
            return number;
        }
        return Python.integer(value)
                .orElseThrow(() -> new TemplateException("'" + operator + "' does not go with " + Python.type(value)))
                .doubleValue();
    }

    /** Python's oldest way to format, as far as templates use it. */
    static Text format(Text pattern, List<Value> values) {
        var out = new Text.Builder();
        Iterator<Value> rest = values.iterator();
        String chars = pattern.chars();
        int done = 0;
        for (int i = chars.indexOf('%'); i >= 0; i = chars.indexOf('%', done)) {
            out.append(pattern, done, i);
            char kind = i + 1 < chars.length() ? chars.charAt(i + 1) : ' ';
            if (kind == '%') {
                out.append("%");
            } else if (!rest.hasNext()) {
                throw new TemplateException("a format has too few values");
            } else if (kind == 's') {
                out.append(Python.str(rest.next()));
            } else if (kind == 'd' || kind == 'i') {
                out.append(Integer.toString(Python.index(rest.next())));
            } else {
                throw new TemplateException("the format '%" + kind + "' is not supported in a chat template");
            }
            done = i + 2;
        }
        if (rest.hasNext()) {
            throw new TemplateException("a format has too many values");
        }
        return out.append(pattern, done, chars.length()).build();
    }
}
