package io.lorikeet.engine.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A template, parsed. */
sealed interface Node {
    /** Has a value. */
    sealed interface Expression extends Node {}

    /** Does something. */
    sealed interface Statement extends Node {}

    record Const(Value value) implements Expression {}

    record Name(String name) implements Expression {}

    record Items(List<Expression> items, boolean tuple) implements Expression {}

    record DictOf(List<Pair> pairs) implements Expression {}

    record Pair(Expression key, Expression value) {}

    record Attribute(Expression object, String name) implements Expression {}

    record Item(Expression object, Expression index) implements Expression {}

    record Slice(Expression object, Optional<Expression> start, Optional<Expression> stop, Optional<Expression> step)
            implements Expression {}

    record Call(Expression callee, Args args) implements Expression {}

    record Filter(Expression value, String name, Args args) implements Expression {}

    record Test(Expression value, String name, Args args) implements Expression {}

    record Args(List<Expression> positional, Map<String, Expression> named) {
        static final Args NONE = new Args(List.of(), Map.of());
    }

    record Not(Expression value) implements Expression {}

    record Sign(boolean negative, Expression value) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    record Binary(String operator, Expression left, Expression right) implements Expression {}

    record Compare(Expression first, List<Comparison> rest) implements Expression {}

    record Comparison(String operator, Expression right) {}

    record Concat(List<Expression> parts) implements Expression {}

    record Conditional(Expression test, Expression then, Optional<Expression> otherwise) implements Expression {}

    record Data(Text text) implements Statement {}

    record Output(Expression value, int line) implements Statement {}

    record For(
            Target target,
            Expression items,
            Optional<Expression> condition,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

    record Branch(Expression test, List<Statement> body, int line) {}

    record Set(Target target, Expression value, int line) implements Statement {}

    record SetBlock(Target target, List<Statement> body, int line) implements Statement {}

    record Macro(String name, List<Parameter> parameters, List<Statement> body) implements Statement {}

    record Parameter(String name, Optional<Expression> otherwise) {}

    /** Break, or continue. */
    record Jump(boolean out) implements Statement {}

    /** What is assigned to. */
    sealed interface Target {}

    record NameTarget(String name) implements Target {}

    record TupleTarget(List<Target> targets) implements Target {}

    record NamespaceTarget(String namespace, String name) implements Target {}
}
