package io.lorikeet.engine.grammar;

import static io.lorikeet.engine.grammar.Expression.choice;
import static io.lorikeet.engine.grammar.Expression.literal;
import static io.lorikeet.engine.grammar.Expression.nothing;
import static io.lorikeet.engine.grammar.Expression.sequence;

import io.lorikeet.engine.grammar.Expression.Bytes;
import io.lorikeet.engine.grammar.Expression.Repeat;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Numbers between two bounds, written without an exponent. A number is compared with a bound digit by digit as it is written;
 * once a digit differs from the bound's, the rest is free.
 */
final class NumberRange {
    /** @param open whether the bound itself is outside */
    record Bound(BigDecimal value, boolean open) {
        private static final Bound ABOVE_ZERO = new Bound(BigDecimal.ZERO, true);
        private static final Bound ZERO = new Bound(BigDecimal.ZERO, false);

        Bound negated() {
            return new Bound(value.negate(), open);
        }
    }

    private record Key(int digit, boolean nearLow, boolean nearHigh) {}

    /** Numbers of so many digits before the point. */
    private final class Length {
        private final int length;
        private final Map<Key, Expression> known = new HashMap<>();

        Length(int length) {
            this.length = length;
        }

        /** The digits from number {@code i} on. */
        Expression from(int i, boolean nearLow, boolean nearHigh) {
            var key = new Key(i, nearLow, nearHigh);
            Expression expression = known.get(key);
            if (expression == null) {
                // called, so that what several digits lead to is there once
                Expression rest = rest(i, nearLow, nearHigh);
                expression = rest.equals(nothing()) ? nothing() : new Rule("digits", rest).call();
                known.put(key, expression);
            }
            return expression;
        }

        private Expression rest(int i, boolean nearLow, boolean nearHigh) {
            if (!nearLow && !nearHigh) {
                return free(i);
            }
            List<Expression> ways = new ArrayList<>();
            if (i >= length) {
                if (mayEnd(i, nearLow, nearHigh)) {
                    ways.add(sequence());
                }
                if (integer || i == length + JsonText.FRACTION_DIGITS) {
                    return choice(ways);
                }
            }
            int first = nearLow ? digit(low, i) : i == 0 && length > 1 ? 1 : 0;
            int last = nearHigh ? digit(high.orElseThrow(), i) : 9;
            for (int digit = first; digit <= last; digit++) {
                Expression after = from(i + 1, nearLow && digit == first, nearHigh && digit == last);
                if (!after.equals(nothing())) {
                    ways.add(sequence(literal((i == length ? "." : "") + digit), after));
                }
            }
            return choice(ways);
        }

        private Expression free(int i) {
            int fraction = JsonText.FRACTION_DIGITS - Math.max(0, i - length);
            if (i > length) {
                return new Repeat(JsonText.DIGIT, 0, fraction);
            }
            Expression rest = integer
                    ? sequence()
                    : Expression.optional(sequence(literal("."), new Repeat(JsonText.DIGIT, 1, fraction)));
            return sequence(new Repeat(JsonText.DIGIT, length - i, length - i), rest);
        }

        /** Whether what was written so far is inside, as it equals the beginning of the bounds that it is near to. */
        private boolean mayEnd(int i, boolean nearLow, boolean nearHigh) {
            boolean lowOver = nearLow && isOver(low, i);
            boolean highOver = nearHigh && isOver(high.orElseThrow(), i);
            return (!nearLow || (lowOver && !low.open)) && (!nearHigh || !highOver || !high.orElseThrow().open);
        }

        private boolean isOver(Bound bound, int i) {
            String fraction = fraction(bound);
            return fraction.substring(Math.min(i - length, fraction.length()))
                    .chars()
                    .allMatch(c -> c == '0');
        }

        private int digit(Bound bound, int i) {
            if (i < length) {
                return whole(bound).charAt(i) - '0';
            }
            String fraction = fraction(bound);
            return i - length < fraction.length() ? fraction.charAt(i - length) - '0' : 0;
        }
    }

    private final Bound low;
    private final Optional<Bound> high;
    private final boolean integer;

    private NumberRange(Bound low, Optional<Bound> high, boolean integer) {
        this.low = low;
        this.high = high;
        this.integer = integer;
    }

    /** All of them; {@link Expression#nothing} if there are none. */
    static Expression of(Optional<Bound> low, Optional<Bound> high, boolean integer) {
        List<Expression> ways = new ArrayList<>();
        if (low.isEmpty() || low.get().value.signum() < 0) {
            Optional<Bound> nearest =
                    high.filter(bound -> bound.value.signum() < 0).map(Bound::negated);
            Expression magnitudes =
                    new NumberRange(nearest.orElse(Bound.ABOVE_ZERO), low.map(Bound::negated), integer).magnitudes();
            if (!magnitudes.equals(nothing())) {
                ways.add(sequence(literal("-"), magnitudes));
            }
        }
        if (high.isEmpty() || high.get().value.signum() >= 0) {
            Bound nearest = low.filter(bound -> bound.value.signum() >= 0).orElse(Bound.ZERO);
            ways.add(new NumberRange(nearest, high, integer).magnitudes());
        }
        return choice(ways);
    }

    private Expression magnitudes() {
        if (high.isPresent() && high.get().value.compareTo(low.value) < 0) {
            return nothing();
        }
        int shortest = whole(low).length();
        int longest = high.map(bound -> whole(bound).length()).orElse(JsonText.INTEGER_DIGITS);
        List<Expression> ways = new ArrayList<>();
        for (int length = shortest; length <= Math.min(longest, JsonText.INTEGER_DIGITS); length++) {
            boolean nearHigh = high.isPresent() && length == longest;
            if (length == shortest || nearHigh) {
                ways.add(new Length(length).from(0, length == shortest, nearHigh));
            } else {
                ways.add(sequence(new Bytes('1', '9'), new Length(length).from(1, false, false)));
            }
        }
        return choice(ways);
    }

    private static String whole(Bound bound) {
        return bound.value.toBigInteger().toString();
    }

    private static String fraction(Bound bound) {
        String plain = bound.value.toPlainString();
        int point = plain.indexOf('.');
        return point < 0 ? "" : plain.substring(point + 1);
    }
}
