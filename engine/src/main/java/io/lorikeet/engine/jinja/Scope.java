package io.lorikeet.engine.jinja;

import java.util.HashMap;
import java.util.Map;

/** The names that have a value here: those of a loop or a macro, and those around it. */
final class Scope {
    private final Scope outer;
    private final Map<String, Value> values = new HashMap<>(8);

    Scope(Scope outer) {
        this.outer = outer;
    }

    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Value value = scope.values.get(name);
            if (value != null) {
                return value;
            }
        }
        return new Value.Undefined("'" + name + "' is undefined");
    }

    void set(String name, Value value) {
        values.put(name, value);
    }

    void setAll(Map<String, Value> all) {
        values.putAll(all);
    }
}
