package io.lorikeet.engine.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/**
 * A string whose characters know where they come from, through whatever a template does with it. So a control token that the
 * template wrote is told from the same characters in a user's text.
 */
public final class Text implements Value.Str {
    /** The origin of what the template itself, or this program, wrote. */
    public static final int TEMPLATE = -1;
    /** The turn of what stands in no message's. */
    public static final int NO_TURN = -1;

    static final Text EMPTY = new Text("", List.of());

    /**
     * A stretch of one origin.
     *
     * @param end where it ends; it begins where the one before it ends
     * @param origin {@link #TEMPLATE}, or the number that whoever rendered gave to a text from outside
     * @param turn the message at which a loop stood when this was written, or {@link #NO_TURN}
     */
    public record Span(int end, int origin, int turn) {}

    private final String chars;
    private final List<Span> spans;

    private Text(String chars, List<Span> spans) {
        this.chars = chars;
        this.spans = spans;
    }

    /** A text of one origin. */
    public static Text of(String chars, int origin) {
        return chars.isEmpty() ? EMPTY : new Text(chars, List.of(new Span(chars.length(), origin, NO_TURN)));
    }

    static Text literal(String chars) {
        return of(chars, TEMPLATE);
    }

    public String chars() {
        return chars;
    }

    /** In order; together they are the whole text. */
    public List<Span> spans() {
        return spans;
    }

    /** Whether every character of a range has such an origin. */
    public boolean isFrom(int start, int end, IntPredicate origins) {
        int span = spanAt(start);
        for (int done = start; done < end; done = spans.get(span++).end) {
            if (!origins.test(spans.get(span).origin)) {
                return false;
            }
        }
        return true;
    }

    /** The number of the span in which this character lies. */
    private int spanAt(int position) {
        int low = 0;
        int high = spans.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (spans.get(middle).end <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Where the first character of this origin stands. */
    public OptionalInt firstOf(int origin) {
        int begin = 0;
        for (Span span : spans) {
            if (span.origin == origin) {
                return OptionalInt.of(begin);
            }
            begin = span.end;
        }
        return OptionalInt.empty();
    }

    /** A range of characters. */
    public record Range(int start, int end) {}

    /** What was written while a loop stood at this message; empty if nothing was, or not in one piece. */
    public Optional<Range> turn(int message) {
        Range turn = null;
        int begin = 0;
        for (Span span : spans) {
            if (span.turn == message) {
                if (turn != null && turn.end != begin) {
                    return Optional.empty();
                }
                turn = new Range(turn == null ? begin : turn.start, span.end);
            }
            begin = span.end;
        }
        return Optional.ofNullable(turn);
    }

    /** The rest without a range. */
    public Text without(int start, int end) {
        return slice(0, start).concat(slice(end, chars.length()));
    }

    boolean isEmpty() {
        return chars.isEmpty();
    }

    /** By UTF-16 units. */
    Text slice(int from, int to) {
        if (from == 0 && to == chars.length()) {
            return this;
        }
        var out = new Builder();
        out.append(this, from, to);
        return out.build();
    }

    Text concat(Text other) {
        return isEmpty()
                ? other
                : other.isEmpty()
                        ? this
                        : new Builder().append(this).append(other).build();
    }

    /** The same text with other characters, as upper case. If it grew or shrank, all of it is from outside if any was. */
    Text withChars(String changed) {
        if (changed.length() == chars.length()) {
            return new Text(changed, spans);
        }
        int origin = spans.stream()
                .mapToInt(Span::origin)
                .filter(o -> o != TEMPLATE)
                .findFirst()
                .orElse(TEMPLATE);
        return of(changed, origin);
    }

    /** By code points, as Python counts. */
    int length() {
        return chars.codePointCount(0, chars.length());
    }

    /** Where the code point of this number begins. */
    int offset(int codePoint) {
        return chars.offsetByCodePoints(0, codePoint);
    }

    /** One text a code point. */
    List<Value> codePoints() {
        List<Value> out = new ArrayList<>(chars.length());
        for (int i = 0, next; i < chars.length(); i = next) {
            next = i + Character.charCount(chars.codePointAt(i));
            out.add(slice(i, next));
        }
        return out;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && text.chars.equals(chars);
    }

    @Override
    public int hashCode() {
        return chars.hashCode();
    }

    @Override
    public String toString() {
        return chars;
    }

    /** Joins texts, and refuses to grow without end. */
    static final class Builder {
        /** No prompt is longer; a template that writes more has lost its way. */
        static final int MAX_LENGTH = 1 << 26;

        private final StringBuilder out = new StringBuilder();
        private final List<Span> all = new ArrayList<>();
        private int turn = NO_TURN;

        /** The turn of what comes now, as far as it has none yet. Returns the one before. */
        int turn(int number) {
            int before = turn;
            turn = number;
            return before;
        }

        Builder append(String literal) {
            if (!literal.isEmpty()) {
                out.append(literal);
                end(TEMPLATE, turn);
            }
            return this;
        }

        Builder append(Text text) {
            return append(text, 0, text.chars.length());
        }

        Builder append(Text text, int from, int to) {
            int begin = 0;
            for (Span span : text.spans) {
                int first = Math.max(begin, from);
                int last = Math.min(span.end, to);
                if (first < last) {
                    out.append(text.chars, first, last);
                    end(span.origin, span.turn == NO_TURN ? turn : span.turn);
                }
                begin = span.end;
            }
            return this;
        }

        private void end(int origin, int ofTurn) {
            if (out.length() > MAX_LENGTH) {
                throw new TemplateException("the template writes more than " + MAX_LENGTH + " characters");
            }
            if (!all.isEmpty() && all.getLast().origin == origin && all.getLast().turn == ofTurn) {
                all.removeLast();
            }
            all.add(new Span(out.length(), origin, ofTurn));
        }

        Text build() {
            return out.isEmpty() ? EMPTY : new Text(out.toString(), List.copyOf(all));
        }
    }
}
