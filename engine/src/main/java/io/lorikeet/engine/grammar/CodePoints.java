package io.lorikeet.engine.grammar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of characters.
 *
 * @param ranges in order, apart from each other
 */
record CodePoints(List<Range> ranges) {
    private static final int LAST = 0x10FFFF;

    /** All that Unicode has; half a surrogate pair is no character. */
    static final CodePoints ALL = new CodePoints(List.of(new Range(0, 0xD7FF), new Range(0xE000, LAST)));

    /** From one to another. */
    record Range(int from, int to) {}

    static CodePoints of(int from, int to) {
        return new CodePoints(List.of(new Range(from, to))).and(ALL);
    }

    static CodePoints of(String characters) {
        CodePoints set = new CodePoints(List.of());
        for (int character : characters.codePoints().toArray()) {
            set = set.or(of(character, character));
        }
        return set;
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    CodePoints or(CodePoints other) {
        List<Range> all = new ArrayList<>(ranges);
        all.addAll(other.ranges);
        all.sort(Comparator.comparingInt(Range::from));
        List<Range> merged = new ArrayList<>();
        for (Range range : all) {
            if (!merged.isEmpty() && range.from <= merged.getLast().to + 1) {
                Range last = merged.removeLast();
                merged.add(new Range(last.from, Math.max(last.to, range.to)));
            } else {
                merged.add(range);
            }
        }
        return new CodePoints(merged);
    }

    CodePoints and(CodePoints other) {
        List<Range> both = new ArrayList<>();
        for (Range a : ranges) {
            for (Range b : other.ranges) {
                if (a.from <= b.to && b.from <= a.to) {
                    both.add(new Range(Math.max(a.from, b.from), Math.min(a.to, b.to)));
                }
            }
        }
        return new CodePoints(both);
    }

    CodePoints not() {
        List<Range> gaps = new ArrayList<>();
        int from = 0;
        for (Range range : ranges) {
            if (from < range.from) {
                gaps.add(new Range(from, range.from - 1));
            }
            from = range.to + 1;
        }
        if (from <= LAST) {
            gaps.add(new Range(from, LAST));
        }
        return new CodePoints(gaps).and(ALL);
    }

    boolean contains(int character) {
        return ranges.stream().anyMatch(range -> range.from <= character && character <= range.to);
    }

    /** One of them, in UTF-8. */
    Expression utf8() {
        List<Expression> alternatives = new ArrayList<>();
        for (Range range : ranges) {
            addUtf8(range.from, range.to, alternatives);
        }
        return Expression.choice(alternatives);
    }

    /** Splits a range until all of its characters differ in whole bytes only. */
    private static void addUtf8(int from, int to, List<Expression> out) {
        for (int last : new int[] {0x7F, 0x7FF, 0xFFFF}) {
            if (from <= last && to > last) {
                addUtf8(from, last, out);
                addUtf8(last + 1, to, out);
                return;
            }
        }
        for (int bits = 6; bits <= 18 && to > 0x7F; bits += 6) {
            int mask = (1 << bits) - 1;
            if ((from & ~mask) != (to & ~mask)) {
                if ((from & mask) != 0) {
                    addUtf8(from, from | mask, out);
                    addUtf8((from | mask) + 1, to, out);
                    return;
                }
                if ((to & mask) != mask) {
                    addUtf8(from, (to & ~mask) - 1, out);
                    addUtf8(to & ~mask, to, out);
                    return;
                }
            }
        }
        byte[] first = bytes(from);
        byte[] last = bytes(to);
        Expression[] parts = new Expression[first.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new Expression.Bytes(first[i] & 0xff, last[i] & 0xff);
        }
        out.add(Expression.sequence(parts));
    }

    private static byte[] bytes(int character) {
        return Character.toString(character).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
