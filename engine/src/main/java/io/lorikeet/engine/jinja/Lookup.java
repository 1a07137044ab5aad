package io.lorikeet.engine.jinja;

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
import java.util.List;
import java.util.Optional;

/** What stands in a value: attributes, items, slices. What does not is undefined, and no error yet. */
final class Lookup {
    private Lookup() {}

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

    /** {@code object[from:to:step]}. */
    static Value slice(Value object, Optional<Integer> from, Optional<Integer> to, int step) {
        if (step == 0) {
            throw new TemplateException("a slice needs a step that is not 0");
        }
        int length = Python.length(object);
        int start = from.map(at -> clamp(at, length, step)).orElse(step > 0 ? 0 : length - 1);
        int stop = to.map(at -> clamp(at, length, step)).orElse(step > 0 ? length : -1);
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

    private static int clamp(int at, int length, int step) {
        int from = at < 0 ? at + length : at;
        return step > 0 ? Math.clamp(from, 0, length) : Math.clamp(from, -1, length - 1);
    }
}
