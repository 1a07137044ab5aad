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
import io.lorikeet.engine.jinja.Value.Int;
import io.lorikeet.engine.jinja.Value.Loop;
import io.lorikeet.engine.jinja.Value.Namespace;
import io.lorikeet.engine.jinja.Value.None;
import io.lorikeet.engine.jinja.Value.Real;
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
            case Node.Attribute(var object, var name) -> attribute(value(object, scope), name);
            case Node.Item(var object, var index) -> item(value(object, scope), value(index, scope));
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
            case Node.Slice slice -> slice(slice, scope);
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

    private Value slice(Node.Slice slice, Scope scope) {
        Value object = value(slice.object(), scope);
        int step = bound(slice.step(), scope).orElse(1);
        if (step == 0) {
            throw new TemplateException("a slice needs a step that is not 0");
        }
        int length = Python.length(object);
        int start =
                bound(slice.start(), scope).map(at -> clamp(at, length, step)).orElse(step > 0 ? 0 : length - 1);
        int stop = bound(slice.stop(), scope).map(at -> clamp(at, length, step)).orElse(step > 0 ? length : -1);
        if (object instanceof Text text && step == 1) {
            return start < stop ? text.slice(text.offset(start), text.offset(stop)) : Text.EMPTY;
        }
        List<Value> items =
                switch (object) {
                    case Text text -> text.codePoints();
                    case Seq(var all, var _) -> all;
                    case None _, Bool _, Int _, Real _, Dict _, Namespace _, Loop _, Function _, Undefined _ ->
                        throw new TemplateException(Python.describe(object) + " has no slices");
                };
        List<Value> chosen = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            chosen.add(items.get((int) i));
        }
        return object instanceof Seq(var _, var tuple) ? new Seq(chosen, tuple) : Methods.join(Text.EMPTY, chosen);
    }

    private Optional<Integer> bound(Optional<Expression> expression, Scope scope) {
        return expression
                .map(bound -> value(bound, scope))
                .filter(value -> value != None.NONE)
                .map(Python::index);
    }

    private static int clamp(int at, int length, int step) {
        int from = at < 0 ? at + length : at;
        return step > 0 ? Math.clamp(from, 0, length) : Math.clamp(from, -1, length - 1);
    }

    /** {@code object.name}: a method first, then an item. */
    static Value attribute(Value object, String name) {
        Value found =
                switch (object) {
                    case Undefined(var what) -> throw new TemplateException(what);
                    case Namespace(var values) -> values.get(name);
                    case Loop loop -> loop(loop, name);
                    case Dict dict -> dict.get(name);
                    case Text _, Seq _, None _, Bool _, Int _, Real _, Function _ -> null;
                };
        Value method = Methods.bound(object, name);
        return method != null ? method : found != null ? found : missing(object, name);
    }

    /** {@code object[key]}: an item first, then a method. */
    static Value item(Value object, Value key) {
        if (object instanceof Undefined(var what)) {
            throw new TemplateException(what);
        }
        if (key instanceof Text name) {
            Value found = object instanceof Dict dict ? dict.get(name.chars()) : null;
            return found != null ? found : attribute(object, name.chars());
        }
        if (key instanceof Int(var number) && number.bitLength() < 32) {
            int at = number.intValue();
            if (object instanceof Seq(var items, var _)) {
                int place = at < 0 ? at + items.size() : at;
                return place >= 0 && place < items.size() ? items.get(place) : missing(object, number.toString());
            }
            if (object instanceof Text text) {
                int length = text.length();
                int place = at < 0 ? at + length : at;
                return place >= 0 && place < length
                        ? text.slice(text.offset(place), text.offset(place + 1))
                        : missing(object, number.toString());
            }
        }
        return missing(object, Python.type(key));
    }

    private static Undefined missing(Value object, String name) {
        return new Undefined(Python.type(object) + " has no '" + name + "'");
    }

    private static Value loop(Loop loop, String name) {
        int size = loop.items().size();
        return switch (name) {
            case "index" -> Int.of(loop.index() + 1L);
            case "index0" -> Int.of(loop.index());
            case "revindex" -> Int.of(size - (long) loop.index());
            case "revindex0" -> Int.of(size - loop.index() - 1L);
            case "first" -> Bool.of(loop.index() == 0);
            case "last" -> Bool.of(loop.index() == size - 1);
            case "length" -> Int.of(size);
            // Only a recursive loop gets deeper.
            case "depth" -> Int.of(1);
            case "depth0" -> Int.of(0);
            case "previtem" -> loop.index() == 0 ? null : loop.items().get(loop.index() - 1);
            case "nextitem" -> loop.index() == size - 1 ? null : loop.items().get(loop.index() + 1);
            default -> null;
        };
    }
}
