package io.lorikeet.engine.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value in a template, as Python has it. Templates change none but their namespaces. */
public sealed interface Value {
    /** Python's None. */
    enum None implements Value {
        NONE
    }

    /** Python's bool. */
    enum Bool implements Value {
        TRUE,
        FALSE;

        static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }
    }

    /** Python's int, which has no largest. */
    record Int(BigInteger value) implements Value {
        static Int of(long value) {
            return new Int(BigInteger.valueOf(value));
        }
    }

    /** Python's float. */
    record Real(double value) implements Value {}

    /** A string; a class of its own. */
    sealed interface Str extends Value permits Text {}

    /** A list or a tuple. */
    record Seq(List<Value> items, boolean tuple) implements Value {
        static Seq list(List<Value> items) {
            return new Seq(items, false);
        }
    }

    /**
     * A dict.
     *
     * @param entries in their order, by the text of the key; only strings are keys
     * @param turn the number of the message that this is, or {@link Text#NO_TURN}
     */
    record Dict(Map<String, Entry> entries, int turn) implements Value {
        /** A key, which remembers where it comes from, and its value. */
        record Entry(Text key, Value value) {}

        Value get(String key) {
            Entry entry = entries.get(key);
            return entry == null ? null : entry.value;
        }
    }

    /** What {@code namespace()} makes: the one thing that a template can change from within a loop. */
    record Namespace(Map<String, Value> values) implements Value {
        static Namespace of(Map<String, Value> values) {
            return new Namespace(new HashMap<>(values));
        }
    }

    /** The {@code loop} of a for. */
    record Loop(List<Value> items, int index) implements Value {}

    /** A macro, a global function, or a method together with its object. */
    record Function(String name, Body body) implements Value {
        /** What it does. */
        interface Body {
            Value call(Arguments arguments);
        }
    }

    /**
     * What is there if nothing is: empty in a text, false in a condition, an error if anything is asked of it.
     *
     * @param what the error's words
     */
    record Undefined(String what) implements Value {}

    /** JSON as values, its texts of this origin. */
    static Value of(JsonNode json, int origin) {
        return switch (json.getNodeType()) {
            case OBJECT, POJO -> {
                var builder = dict();
                json.properties().forEach(field -> builder.put(field.getKey(), origin, of(field.getValue(), origin)));
                yield builder.build();
            }
            case ARRAY -> {
                List<Value> items = new ArrayList<>(json.size());
                json.forEach(item -> items.add(of(item, origin)));
                yield Seq.list(items);
            }
            case STRING, BINARY -> Text.of(json.asText(), origin);
            case NUMBER -> json.isIntegralNumber() ? new Int(json.bigIntegerValue()) : new Real(json.doubleValue());
            case BOOLEAN -> of(json.booleanValue());
            case NULL, MISSING -> None.NONE;
        };
    }

    static Value of(boolean value) {
        return Bool.of(value);
    }

    static Value of(List<Value> items) {
        return Seq.list(items);
    }

    static DictBuilder dict() {
        return new DictBuilder();
    }

    /** Makes a dict. */
    final class DictBuilder {
        private final Map<String, Dict.Entry> entries = new LinkedHashMap<>();
        private int turn = Text.NO_TURN;

        /** With a key that the program wrote. */
        public DictBuilder put(String key, Value value) {
            return put(key, Text.TEMPLATE, value);
        }

        public DictBuilder put(String key, int origin, Value value) {
            entries.put(key, new Dict.Entry(Text.of(key, origin), value));
            return this;
        }

        DictBuilder put(Text key, Value value) {
            entries.put(key.chars(), new Dict.Entry(key, value));
            return this;
        }

        /** Says that it is this message: what a loop writes while it stands at it is the message's turn. */
        public DictBuilder turn(int number) {
            turn = number;
            return this;
        }

        public Value build() {
            return new Dict(entries, turn);
        }
    }
}
