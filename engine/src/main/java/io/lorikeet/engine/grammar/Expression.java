package io.lorikeet.engine.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A language of bytes. */
sealed interface Expression {
    /** As often as one likes. */
    int MANY = Integer.MAX_VALUE;

    /** No string of bytes at all, not even the empty one. */
    static Expression nothing() {
        return new Choice(List.of());
    }

    /** One byte, from one value to another. */
    record Bytes(int from, int to) implements Expression {}

    /** One after the other. */
    record Sequence(List<Expression> parts) implements Expression {}

    /** Any of them. */
    record Choice(List<Expression> alternatives) implements Expression {}

    /** The same, so many times. */
    record Repeat(Expression of, int min, int max) implements Expression {}

    /** What a rule says, which may call itself. */
    record Call(Rule rule) implements Expression {}

    /** How many nodes it takes, about. */
    default long size() {
        return switch (this) {
            case Bytes _, Call _ -> 1;
            case Sequence(var parts) ->
                parts.stream().mapToLong(Expression::size).sum();
            case Choice(var alternatives) ->
                1 + alternatives.stream().mapToLong(Expression::size).sum();
            case Repeat(var of, int min, int max) -> (1 + of.size()) * (max == MANY ? 1L + min : max);
        };
    }

    static Expression sequence(Expression... parts) {
        return new Sequence(List.of(parts));
    }

    static Expression choice(List<Expression> alternatives) {
        List<Expression> possible =
                alternatives.stream().filter(e -> !e.equals(nothing())).toList();
        return possible.size() == 1 ? possible.getFirst() : new Choice(possible);
    }

    static Expression choice(Expression... alternatives) {
        return choice(Arrays.asList(alternatives));
    }

    static Expression optional(Expression of) {
        return new Repeat(of, 0, 1);
    }

    static Expression any(Expression of) {
        return new Repeat(of, 0, MANY);
    }

    /** These very characters, in UTF-8. */
    static Expression literal(String text) {
        List<Expression> bytes = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(new Bytes(b & 0xff, b & 0xff));
        }
        return new Sequence(bytes);
    }
}
