package io.lorikeet.engine.grammar;

import java.util.ArrayList;
import java.util.List;

/** A place in a rule, from which one goes on to others. Told apart by identity. */
sealed interface Node {
    Node END = new End();

    /** Goes on after a byte. */
    final class Read implements Node {
        final int from;
        final int to;
        final Node next;

        private Read(int from, int to, Node next) {
            this.from = from;
            this.to = to;
            this.next = next;
        }
    }

    /** Goes on at any of several places. */
    final class Split implements Node {
        final List<Node> ways = new ArrayList<>();
    }

    /** Goes through another rule first. */
    final class Enter implements Node {
        final Rule rule;
        final Node next;

        private Enter(Rule rule, Node next) {
            this.rule = rule;
            this.next = next;
        }
    }

    /** The rule is over: one goes on where it was called. */
    final class End implements Node {
        private End() {}
    }

    /** The place from which an expression leads to {@code next}. */
    static Node of(Expression expression, Node next) {
        return switch (expression) {
            case Expression.Bytes(int from, int to) -> new Read(from, to, next);
            case Expression.Call(var rule) -> new Enter(rule, next);
            case Expression.Sequence(var parts) -> {
                Node node = next;
                for (Expression part : parts.reversed()) {
                    node = of(part, node);
                }
                yield node;
            }
            case Expression.Choice(var alternatives) -> {
                var split = new Split();
                alternatives.forEach(each -> split.ways.add(of(each, next)));
                yield split;
            }
            case Expression.Repeat repeat -> repeated(repeat, next);
        };
    }

    private static Node repeated(Expression.Repeat repeat, Node next) {
        Node node = next;
        if (repeat.max() == Expression.MANY) {
            var loop = new Split();
            loop.ways.add(of(repeat.of(), loop));
            loop.ways.add(next);
            node = loop;
        } else {
            for (int i = repeat.max(); i > repeat.min(); i--) {
                var split = new Split();
                split.ways.add(of(repeat.of(), node));
                split.ways.add(next);
                node = split;
            }
        }
        for (int i = 0; i < repeat.min(); i++) {
            node = of(repeat.of(), node);
        }
        return node;
    }
}
