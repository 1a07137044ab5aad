package io.lorikeet.engine.grammar;

import static io.lorikeet.engine.grammar.Expression.any;
import static io.lorikeet.engine.grammar.Expression.choice;
import static io.lorikeet.engine.grammar.Expression.sequence;

import java.util.ArrayList;
import java.util.List;

/**
 * A regular expression, as far as it is regular, of the characters of a JSON string. As in JSON Schema it may match anywhere
 * in the string unless it is anchored, which it may be at its beginning and its end.
 */
final class RegularExpression {
    private static final int MOST_REPEATS = 1_000;
    private static final CodePoints DIGITS = CodePoints.of('0', '9');
    private static final CodePoints WORD =
            DIGITS.or(CodePoints.of('a', 'z')).or(CodePoints.of('A', 'Z')).or(CodePoints.of("_"));
    private static final CodePoints SPACES = CodePoints.of(
                    " \t\n\r\u000b\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff")
            .or(CodePoints.of(0x2000, 0x200A));
    private static final CodePoints LINE_ENDS = CodePoints.of("\n\r\u2028\u2029");

    /** What cannot be followed, in words. */
    static final class UnsupportedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnsupportedException(String what) {
            super(what);
        }
    }

    private final int[] pattern;
    private int at;
    private int depth;

    private RegularExpression(String pattern) {
        this.pattern = pattern.codePoints().toArray();
    }

    /**
     * The texts in which it is found, between the quotes of a string.
     *
     * @throws UnsupportedException if it is none, or no regular one
     */
    static Expression of(String pattern) {
        var parser = new RegularExpression(pattern);
        Expression found = parser.found();
        if (parser.at < parser.pattern.length) {
            throw new UnsupportedException("a ) without a (");
        }
        return found;
    }

    /** Alternatives of the whole, each with its own anchors. */
    private Expression found() {
        List<Expression> alternatives = new ArrayList<>();
        do {
            boolean begins = accept('^');
            Expression middle = terms();
            boolean ends = accept('$');
            Expression rest = any(JsonText.CHARACTER);
            alternatives.add(sequence(begins ? sequence() : rest, middle, ends ? sequence() : rest));
        } while (accept('|'));
        return choice(alternatives);
    }

    private Expression group() {
        List<Expression> alternatives = new ArrayList<>();
        do {
            alternatives.add(terms());
        } while (accept('|'));
        return choice(alternatives);
    }

    private Expression terms() {
        List<Expression> terms = new ArrayList<>();
        while (at < pattern.length && "|)$".indexOf(pattern[at]) < 0) {
            terms.add(repeated(term()));
        }
        if (depth > 0 && at < pattern.length && pattern[at] == '$') {
            throw new UnsupportedException("a $ inside a group");
        }
        return new Expression.Sequence(terms);
    }

    private Expression term() {
        int character = pattern[at++];
        return switch (character) {
            case '(' -> {
                if (accept('?') && !accept(':')) {
                    throw new UnsupportedException("a (? that looks around or has a name");
                }
                depth++;
                Expression inner = group();
                depth--;
                expect(')');
                yield inner;
            }
            case '[' -> JsonText.character(set());
            case '.' -> JsonText.character(LINE_ENDS.not());
            case '\\' -> JsonText.character(escape());
            case '^' -> throw new UnsupportedException("a ^ that is not at the beginning");
            case '*', '+', '?' -> throw new UnsupportedException("a quantifier of nothing");
            default -> JsonText.character(CodePoints.of(character, character));
        };
    }

    private Expression repeated(Expression term) {
        if (at >= pattern.length) {
            return term;
        }
        int min = 0;
        int max = Expression.MANY;
        switch (pattern[at]) {
            case '*' -> at++;
            case '+' -> {
                at++;
                min = 1;
            }
            case '?' -> {
                at++;
                max = 1;
            }
            case '{' -> {
                at++;
                min = number();
                max = min;
                if (accept(',')) {
                    max = at < pattern.length && pattern[at] == '}' ? Expression.MANY : number();
                }
                expect('}');
            }
            default -> {
                return term;
            }
        }
        accept('?'); // which of several matches is found does not matter
        if (min > MOST_REPEATS || (max != Expression.MANY && max > MOST_REPEATS) || max < min) {
            throw new UnsupportedException("a quantifier above " + MOST_REPEATS + ", or an empty one");
        }
        return new Expression.Repeat(term, min, max);
    }

    private CodePoints set() {
        boolean negated = accept('^');
        CodePoints set = new CodePoints(List.of());
        while (at < pattern.length && pattern[at] != ']') {
            CodePoints one = member();
            boolean range = at + 1 < pattern.length && pattern[at] == '-' && pattern[at + 1] != ']';
            if (range) {
                at++;
                CodePoints last = member();
                set = set.or(CodePoints.of(single(one), single(last)));
            } else {
                set = set.or(one);
            }
        }
        expect(']');
        return negated ? set.not() : set;
    }

    private CodePoints member() {
        int character = pattern[at++];
        return character == '\\' ? escape() : CodePoints.of(character, character);
    }

    private static int single(CodePoints set) {
        if (set.ranges().size() != 1
                || set.ranges().getFirst().from() != set.ranges().getFirst().to()) {
            throw new UnsupportedException("a range of a whole class");
        }
        return set.ranges().getFirst().from();
    }

    private CodePoints escape() {
        if (at >= pattern.length) {
            throw new UnsupportedException("a \\ at the end");
        }
        int character = pattern[at++];
        return switch (character) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.not();
            case 'w' -> WORD;
            case 'W' -> WORD.not();
            case 's' -> SPACES;
            case 'S' -> SPACES.not();
            case 'n' -> CodePoints.of("\n");
            case 'r' -> CodePoints.of("\r");
            case 't' -> CodePoints.of("\t");
            case 'f' -> CodePoints.of("\f");
            case 'v' -> CodePoints.of("\u000b");
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            default -> {
                if (Character.isLetterOrDigit(character)) {
                    throw new UnsupportedException("the escape \\" + Character.toString(character));
                }
                yield CodePoints.of(character, character);
            }
        };
    }

    private CodePoints hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < pattern.length ? Character.digit(pattern[at++], 16) : -1;
            if (digit < 0) {
                throw new UnsupportedException("an escape with too few digits");
            }
            value = 16 * value + digit;
        }
        return CodePoints.of(value, value);
    }

    private int number() {
        int value = 0;
        int begin = at;
        while (at < pattern.length && pattern[at] >= '0' && pattern[at] <= '9' && at - begin < 6) {
            value = 10 * value + pattern[at++] - '0';
        }
        if (at == begin) {
            throw new UnsupportedException("a { that is no quantifier");
        }
        return value;
    }

    private boolean accept(int character) {
        boolean found = at < pattern.length && pattern[at] == character;
        at += found ? 1 : 0;
        return found;
    }

    private void expect(int character) {
        if (!accept(character)) {
            throw new UnsupportedException("no " + Character.toString(character) + " where one is due");
        }
    }
}
