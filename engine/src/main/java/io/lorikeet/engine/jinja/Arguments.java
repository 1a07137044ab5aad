package io.lorikeet.engine.jinja;

import java.util.List;
import java.util.Map;

/** What a call brings. */
record Arguments(List<Value> positional, Map<String, Value> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** The argument at this place or of this name, or else this. */
    Value get(int place, String name, Value otherwise) {
        return place < positional.size() ? positional.get(place) : named.getOrDefault(name, otherwise);
    }

    Value need(int place, String name) {
        Value value = get(place, name, null);
        if (value == null) {
            throw new TemplateException("the argument '" + name + "' is missing");
        }
        return value;
    }

    Text text(int place, String name) {
        return Python.text(need(place, name));
    }

    int integer(int place, String name, int otherwise) {
        Value value = get(place, name, Value.None.NONE);
        return value == Value.None.NONE ? otherwise : Python.index(value);
    }

    boolean flag(int place, String name) {
        return Python.truth(get(place, name, Value.Bool.FALSE));
    }

    /** Whether nothing is at this place. */
    boolean lacks(int place, String name) {
        return get(place, name, Value.None.NONE) == Value.None.NONE;
    }

    /** Refuses what the callee would not know. */
    Arguments atMost(int places, String... names) {
        if (positional.size() > places || !List.of(names).containsAll(named.keySet())) {
            throw new TemplateException("called with arguments that it does not have: " + positional.size()
                    + " by place, by name " + named.keySet());
        }
        return this;
    }

    /** Without the first ones. */
    Arguments from(int place) {
        return new Arguments(positional.subList(Math.min(place, positional.size()), positional.size()), named);
    }
}
