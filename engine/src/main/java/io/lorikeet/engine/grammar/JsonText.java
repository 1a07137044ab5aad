package io.lorikeet.engine.grammar;

import static io.lorikeet.engine.grammar.Expression.any;
import static io.lorikeet.engine.grammar.Expression.choice;
import static io.lorikeet.engine.grammar.Expression.literal;
import static io.lorikeet.engine.grammar.Expression.optional;
import static io.lorikeet.engine.grammar.Expression.sequence;

import io.lorikeet.engine.grammar.Expression.Bytes;
import io.lorikeet.engine.grammar.Expression.Repeat;
import java.util.ArrayList;
import java.util.List;

/**
 * JSON as it is written (RFC 8259), with two limits that keep an answer from going on for ever with what says nothing: between
 * its parts at most a space, or a new line with an indentation; and numbers with as many digits as a {@code long} or a
 * {@code double} can tell apart.
 */
final class JsonText {
    private static final int DEEPEST_INDENTATION = 20;

    /** Digits before the point at most, so that an integer is a {@code long}. */
    static final int INTEGER_DIGITS = 18;

    /** Digits behind it. */
    static final int FRACTION_DIGITS = 16;

    private static final int EXPONENT_DIGITS = 2;

    /** What has to be escaped. */
    private static final CodePoints ESCAPED = CodePoints.of("\"\\").or(CodePoints.of(0, 0x1F));

    static final Expression DIGIT = new Bytes('0', '9');

    private static final Expression SPACE =
            optional(choice(literal(" "), sequence(literal("\n"), new Repeat(literal(" "), 0, DEEPEST_INDENTATION))));

    static final Expression COLON = sequence(literal(":"), optional(literal(" ")));
    static final Expression COMMA = sequence(literal(","), SPACE);

    private static final Expression HEX =
            CodePoints.of("0123456789abcdefABCDEF").utf8();
    private static final Expression HEX_OF_SURROGATES = CodePoints.of("dD").utf8();

    /** What follows {@code \\u}: a character, or the first and second half of one. */
    private static final Expression CODE = choice(
            sequence(CodePoints.of("0123456789abcefABCEF").utf8(), HEX, HEX, HEX),
            sequence(HEX_OF_SURROGATES, new Bytes('0', '7'), HEX, HEX),
            sequence(
                    sequence(HEX_OF_SURROGATES, CodePoints.of("89abAB").utf8(), HEX, HEX),
                    literal("\\u"),
                    sequence(HEX_OF_SURROGATES, CodePoints.of("cdefCDEF").utf8(), HEX, HEX)));

    /** What follows a backslash. */
    static final Expression ESCAPE = choice(CodePoints.of("\"\\/bfnrt").utf8(), sequence(literal("u"), CODE));

    /** A character of a string, plain or escaped. */
    static final Expression CHARACTER = choice(ESCAPED.not().utf8(), sequence(literal("\\"), ESCAPE));

    static final Rule STRING = new Rule("string", string(any(CHARACTER)));
    static final Rule INTEGER = new Rule("integer", integer());
    static final Rule NUMBER = new Rule(
            "number",
            sequence(
                    integer(),
                    optional(sequence(literal("."), new Repeat(DIGIT, 1, FRACTION_DIGITS))),
                    optional(sequence(
                            CodePoints.of("eE").utf8(),
                            optional(CodePoints.of("+-").utf8()),
                            new Repeat(DIGIT, 1, EXPONENT_DIGITS)))));
    static final Rule BOOLEAN = new Rule("boolean", choice(literal("true"), literal("false")));
    static final Rule NULL = new Rule("null", literal("null"));
    static final Rule VALUE = new Rule("value");
    static final Rule OBJECT = new Rule("object");
    static final Rule ARRAY = new Rule("array");

    static {
        Expression member = sequence(STRING.call(), COLON, VALUE.call());
        OBJECT.define(object(optional(sequence(member, any(sequence(COMMA, member))))));
        ARRAY.define(array(optional(sequence(VALUE.call(), any(sequence(COMMA, VALUE.call()))))));
        VALUE.define(choice(OBJECT.call(), ARRAY.call(), STRING.call(), NUMBER.call(), BOOLEAN.call(), NULL.call()));
    }

    private JsonText() {}

    /** A string with these characters, escapes among them. */
    static Expression string(Expression characters) {
        return sequence(literal("\""), characters, literal("\""));
    }

    static Expression object(Expression members) {
        return sequence(literal("{"), SPACE, spaced(members), literal("}"));
    }

    static Expression array(Expression elements) {
        return sequence(literal("["), SPACE, spaced(elements), literal("]"));
    }

    /** What may be nothing has no space of its own behind it then. */
    private static Expression spaced(Expression inner) {
        if (inner instanceof Repeat(Expression of, int min, int max) && min == 0 && max == 1) {
            return optional(sequence(of, SPACE));
        }
        return inner.equals(sequence()) ? inner : sequence(inner, SPACE);
    }

    /** One of some characters inside a string, escaped where it has to be. */
    static Expression character(CodePoints of) {
        List<Expression> alternatives = new ArrayList<>();
        CodePoints plain = of.and(ESCAPED.not());
        if (!plain.isEmpty()) {
            alternatives.add(plain.utf8());
        }
        for (CodePoints.Range range : of.and(ESCAPED).ranges()) {
            for (int character = range.from(); character <= range.to(); character++) {
                alternatives.add(literal(escape(character)));
            }
        }
        return choice(alternatives);
    }

    /** A text inside a string. */
    static Expression text(String text) {
        return sequence(text.codePoints()
                .mapToObj(each -> character(CodePoints.of(each, each)))
                .toArray(Expression[]::new));
    }

    private static String escape(int character) {
        return switch (character) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default -> "\\u%04x".formatted(character);
        };
    }

    private static Expression integer() {
        return sequence(
                optional(literal("-")),
                choice(literal("0"), sequence(new Bytes('1', '9'), new Repeat(DIGIT, 0, INTEGER_DIGITS - 1))));
    }
}
