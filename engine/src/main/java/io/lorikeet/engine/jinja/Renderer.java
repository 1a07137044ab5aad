package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Node.Args;
import io.lorikeet.engine.jinja.Node.Expression;
import io.lorikeet.engine.jinja.Node.NameTarget;
import io.lorikeet.engine.jinja.Node.NamespaceTarget;
import io.lorikeet.engine.jinja.Node.Statement;
import io.lorikeet.engine.jinja.Node.Target;
import io.lorikeet.engine.jinja.Node.TupleTarget;
import io.lorikeet.engine.jinja.Value.Bool;
import io.lorikeet.engine.jinja.Value.Dict;
import io.lorikeet.engine.jinja.Value.Function;
import io.lorikeet.engine.jinja.Value.Loop;
import io.lorikeet.engine.jinja.Value.Namespace;
import io.lorikeet.engine.jinja.Value.None;
import io.lorikeet.engine.jinja.Value.Seq;
import io.lorikeet.engine.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One rendering. A template is a file of somebody else: it can do nothing but compute, and not for ever. */
final class Renderer {
    /** A conversation of ten thousand turns takes about a million. */
    private static final int MAX_STEPS = 10_000_000;

    private static final int MAX_DEPTH = 100;

    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    private Text.Builder out = new Text.Builder();
    private int steps;
    private int depth;
    private int line;

    static Text render(List<Statement> template, Map<String, Value> globals, Map<String, Value> variables) {
        var renderer = new Renderer();
        var outermost = new Scope(null);
        outermost.setAll(globals);
        outermost.setAll(variables);
        try {
            renderer.run(template, new Scope(outermost));
        } catch (TemplateException e) {
            throw new TemplateException("line " + renderer.line + ": " + e.getMessage());
        } catch (StackOverflowError _) {
            throw new TemplateException("line " + renderer.line + ": nested too deep");
        }
        return renderer.out.build();
    }

    private Flow run(List<Statement> statements, Scope scope) {
        for (Statement statement : statements) {
            Flow flow = run(statement, scope);
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }

    private Flow run(Statement statement, Scope scope) {
        step();
        switch (statement) {
            case Node.Data(var text) -> out.append(text);
            case Node.Output(var value, var at) -> {
                line = at;
                out.append(Python.str(value(value, scope)));
            }
            case Node.If(var branches, var otherwise) -> {
                for (var branch : branches) {
                    line = branch.line();
                    if (Python.truth(value(branch.test(), scope))) {
                        return run(branch.body(), scope);
                    }
                }
                return run(otherwise, scope);
            }
            case Node.For loop -> loop(loop, scope);
            case Node.Set(var target, var value, var at) -> {
                line = at;
                assign(target, value(value, scope), scope);
            }
            case Node.SetBlock(var target, var body, var at) -> {
                line = at;
                assign(target, written(body, new Scope(scope)), scope);
            }
            case Node.Macro macro ->
                scope.set(macro.name(), new Function(macro.name(), arguments -> call(macro, scope, arguments)));
            case Node.Jump(var outOfLoop) -> {
                return outOfLoop ? Flow.BREAK : Flow.CONTINUE;
            }
        }
        return Flow.NEXT;
    }

    private void loop(Node.For loop, Scope scope) {
        line = loop.line();
        List<Value> items = Python.iterate(value(loop.items(), scope));
        if (loop.condition().isPresent()) {
            List<Value> chosen = new ArrayList<>();
            for (Value item : items) {
                var inner = new Scope(scope);
                assign(loop.target(), item, inner);
                if (Python.truth(value(loop.condition().get(), inner))) {
                    chosen.add(item);
                }
            }
            items = chosen;
        }
        Text.Builder into = out;
        for (int i = 0; i < items.size(); i++) {
            step();
            var inner = new Scope(scope);
            assign(loop.target(), items.get(i), inner);
            inner.set("loop", new Loop(items, i));
            int before = items.get(i) instanceof Dict(var _, var turn) && turn != Text.NO_TURN
                    ? into.turn(turn)
                    : Text.NO_TURN;
            Flow flow = run(loop.body(), inner);
            if (items.get(i) instanceof Dict(var _, var turn) && turn != Text.NO_TURN) {
                into.turn(before);
            }
            if (flow == Flow.BREAK) {
                break;
            }
        }
        if (items.isEmpty()) {
            run(loop.otherwise(), new Scope(scope));
        }
    }

    private Text written(List<Statement> body, Scope scope) {
        Text.Builder before = out;
        out = new Text.Builder();
        run(body, scope);
        Text text = out.build();
        out = before;
        return text;
    }

    private Value call(Node.Macro macro, Scope definedIn, Arguments arguments) {
        if (depth > MAX_DEPTH) {
            throw new TemplateException("macros call each other too deep");
        }
        if (arguments.positional().size() > macro.parameters().size()) {
            throw new TemplateException("the macro '" + macro.name() + "' takes at most "
                    + macro.parameters().size() + " arguments");
        }
        var scope = new Scope(definedIn);
        for (int i = 0; i < macro.parameters().size(); i++) {
            var parameter = macro.parameters().get(i);
            Value given = arguments.get(i, parameter.name(), null);
            if (given == null) {
                given = parameter.otherwise().isPresent()
                        ? value(parameter.otherwise().get(), scope)
                        : new Undefined("parameter '" + parameter.name() + "' was not provided");
            }
            scope.set(parameter.name(), given);
        }
        depth++;
        Text text = written(macro.body(), scope);
        depth--;
        return text;
    }

    private void assign(Target target, Value value, Scope scope) {
        switch (target) {
            case NameTarget(var name) -> scope.set(name, value);
            case NamespaceTarget(var namespace, var name) -> {
                if (!(scope.get(namespace) instanceof Namespace(var values))) {
                    throw new TemplateException("cannot assign to '" + name + "' of what is no namespace");
                }
                values.put(name, value);
            }
            case TupleTarget(var targets) -> {
                List<Value> items = Python.iterate(value);
                if (items.size() != targets.size()) {
                    throw new TemplateException(
                            "expected " + targets.size() + " values to assign, found " + items.size());
                }
                for (int i = 0; i < items.size(); i++) {
                    assign(targets.get(i), items.get(i), scope);
                }
            }
        }
    }

    private void step() {
        if (++steps > MAX_STEPS) {
            throw new TemplateException("the template does not come to an end");
        }
    }

    private Value value(Expression expression, Scope scope) {
        step();
        return switch (expression) {
            case Node.Const(var value) -> value;
            case Node.Name(var name) -> scope.get(name);
            case Node.Attribute(var object, var name) -> Lookup.attribute(value(object, scope), name);
            case Node.Item(var object, var index) -> Lookup.item(value(object, scope), value(index, scope));
            case Node.Binary(var operator, var left, var right) ->
                Arithmetic.apply(operator, value(left, scope), value(right, scope));
            case Node.Compare compare -> Bool.of(compare(compare, scope));
            case Node.Test(var tested, var name, var args) ->
                Bool.of(Tests.apply(name, value(tested, scope), arguments(args, scope)));
            case Node.Filter(var filtered, var name, var args) ->
                Filters.apply(name, value(filtered, scope), arguments(args, scope));
            case Node.Not(var value) -> Bool.of(!Python.truth(value(value, scope)));
            case Node.And(var left, var right) -> {
                Value first = value(left, scope);
                yield Python.truth(first) ? value(right, scope) : first;
            }
            case Node.Or(var left, var right) -> {
                Value first = value(left, scope);
                yield Python.truth(first) ? first : value(right, scope);
            }
            case Node.Conditional(var test, var then, var otherwise) -> {
                if (Python.truth(value(test, scope))) {
                    yield value(then, scope);
                }
                yield otherwise.isPresent()
                        ? value(otherwise.get(), scope)
                        : new Undefined("the condition does not hold and there is no else");
            }
            case Node.Call(var callee, var args) -> {
                Value function = value(callee, scope);
                if (!(function instanceof Function(var _, var body))) {
                    throw new TemplateException(Python.describe(function) + ": it cannot be called");
                }
                yield body.call(arguments(args, scope));
            }
            case Node.Slice(var object, var start, var stop, var step) ->
                Lookup.slice(
                        value(object, scope),
                        bound(start, scope),
                        bound(stop, scope),
                        bound(step, scope).orElse(1));
            case Node.Concat(var parts) -> {
                var text = new Text.Builder();
                parts.forEach(part -> text.append(Python.str(value(part, scope))));
                yield text.build();
            }
            case Node.Sign(var negative, var value) -> Arithmetic.sign(negative, value(value, scope));
            case Node.Items(var items, var tuple) -> {
                List<Value> values = new ArrayList<>(items.size());
                items.forEach(item -> values.add(value(item, scope)));
                yield new Seq(values, tuple);
            }
            case Node.DictOf(var pairs) -> {
                var dict = Value.dict();
                pairs.forEach(pair -> dict.put(Python.text(value(pair.key(), scope)), value(pair.value(), scope)));
                yield dict.build();
            }
        };
    }

    private Arguments arguments(Args args, Scope scope) {
        if (args.positional().isEmpty() && args.named().isEmpty()) {
            return Arguments.NONE;
        }
        List<Value> positional = new ArrayList<>(args.positional().size());
        args.positional().forEach(argument -> positional.add(value(argument, scope)));
        Map<String, Value> named = new LinkedHashMap<>();
        args.named().forEach((name, argument) -> named.put(name, value(argument, scope)));
        return new Arguments(positional, named);
    }

    private boolean compare(Node.Compare compare, Scope scope) {
        Value left = value(compare.first(), scope);
        for (var comparison : compare.rest()) {
            Value right = value(comparison.right(), scope);
            boolean holds =
                    switch (comparison.operator()) {
                        case "==" -> Python.equal(left, right);
                        case "!=" -> !Python.equal(left, right);
                        case "<" -> Python.compare(left, right) < 0;
                        case "<=" -> Python.compare(left, right) <= 0;
                        case ">" -> Python.compare(left, right) > 0;
                        case ">=" -> Python.compare(left, right) >= 0;
                        case "in" -> Python.contains(right, left);
                        case "not in" -> !Python.contains(right, left);
                        default -> throw new IllegalStateException(comparison.operator());
                    };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private Optional<Integer> bound(Optional<Expression> expression, Scope scope) {
        return expression
                .map(bound -> value(bound, scope))
                .filter(value -> value != None.NONE)
                .map(Python::index);
    }
}
