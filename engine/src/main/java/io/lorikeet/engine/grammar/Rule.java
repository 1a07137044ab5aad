package io.lorikeet.engine.grammar;

import java.util.Optional;

/** A named expression, which others and itself may call. */
final class Rule {
    /** Nodes of a rule at most. */
    private static final long LARGEST = 100_000;

    private final String name;
    private Optional<Expression> definition = Optional.empty();
    private Optional<Node> entry = Optional.empty();

    /** To be defined later, for a rule that calls itself. */
    Rule(String name) {
        this.name = name;
    }

    Rule(String name, Expression definition) {
        this(name);
        define(definition);
    }

    void define(Expression expression) {
        if (expression.size() > LARGEST) {
            throw new SchemaException("", "is too large to be enforced; expected less repetition");
        }
        definition = Optional.of(expression);
    }

    Expression call() {
        return new Expression.Call(this);
    }

    /** Where it begins. */
    synchronized Node entry() {
        if (entry.isEmpty()) {
            Expression of = definition.orElseThrow(() -> new IllegalStateException("rule " + name + " is not defined"));
            entry = Optional.of(Node.of(of, Node.END));
        }
        return entry.get();
    }

    @Override
    public String toString() {
        return name;
    }
}
