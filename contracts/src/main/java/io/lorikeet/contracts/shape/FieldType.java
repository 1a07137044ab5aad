package io.lorikeet.contracts.shape;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A type of a field: how its values are read strictly, written and described. */
public sealed interface FieldType {
    /** The value; null after reporting why there is none. */
    Object read(JsonNode json, String path, RecordReader reader);

    /** The value as JSON. */
    JsonNode write(Object value);

    /** What would be right, in words. */
    String expected();

    static FieldType of(Type type, Setting setting) {
        return switch (type) {
            case Class<?> c when c == String.class -> new Text(setting);
            case Class<?> c when c == int.class || c == Integer.class -> new Whole(setting);
            case Class<?> c when c == long.class || c == Long.class -> new LongWhole(setting);
            case Class<?> c when c == double.class || c == Double.class -> new Decimal(setting);
            case Class<?> c when c == boolean.class || c == Boolean.class -> new Flag();
            case Class<?> c when c.isEnum() -> Choice.of(c);
            case Class<?> c when c == JsonNode.class -> new Row();
            case Class<?> c when c.isRecord() -> new Nested<>(RecordShape.of(c.asSubclass(Record.class)));
            case ParameterizedType list
            when list.getRawType() == List.class ->
                new Many(of(list.getActualTypeArguments()[0], setting), setting.single());
            case ParameterizedType map when map.getRawType() == Map.class -> new Texts();
            default -> throw new IllegalStateException("no JSON for " + type);
        };
    }

    /** Reports a value that is not of this type. */
    default Object wrong(JsonNode json, String path, RecordReader reader) {
        reader.problem(new Problem(path, "is " + Shown.value(json), expected()));
        return null;
    }

    /** A text. */
    record Text(Setting setting) implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            if (!json.isTextual()) {
                return wrong(json, path, reader);
            }
            var text = json.textValue();
            boolean fits = (setting.pattern().isEmpty() || text.matches(setting.pattern()))
                    && (setting.choices().length == 0
                            || List.of(setting.choices()).contains(text))
                    && !(setting.required() && text.isBlank());
            return fits ? text : wrong(json, path, reader);
        }

        @Override
        public JsonNode write(Object value) {
            return TextNode.valueOf((String) value);
        }

        @Override
        public String expected() {
            if (setting.choices().length > 0) {
                return "one of " + String.join(", ", setting.choices());
            }
            var text = setting.required() ? "a text that is not empty" : "a text";
            return setting.pattern().isEmpty() ? text : "a text that matches " + setting.pattern();
        }
    }

    /** A whole number. */
    record Whole(Setting setting) implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            return json.isInt() && Range.of(setting).holds(json.intValue())
                    ? (Object) json.intValue()
                    : wrong(json, path, reader);
        }

        @Override
        public JsonNode write(Object value) {
            return IntNode.valueOf((Integer) value);
        }

        @Override
        public String expected() {
            return "a whole number" + Range.of(setting).inWords(true);
        }
    }

    /** A whole number of up to 64 bits. */
    record LongWhole(Setting setting) implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            return json.isIntegralNumber() && json.canConvertToLong()
                    ? (Object) json.longValue()
                    : wrong(json, path, reader);
        }

        @Override
        public JsonNode write(Object value) {
            return LongNode.valueOf((Long) value);
        }

        @Override
        public String expected() {
            return "a whole number of 64 bits";
        }
    }

    /** A number with a fraction. */
    record Decimal(Setting setting) implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            return json.isNumber() && Range.of(setting).holds(json.doubleValue())
                    ? (Object) json.doubleValue()
                    : wrong(json, path, reader);
        }

        @Override
        public JsonNode write(Object value) {
            double number = (Double) value;
            // 32 reads better than 32.0
            return isShort(number) ? LongNode.valueOf((long) number) : DoubleNode.valueOf(number);
        }

        @Override
        public String expected() {
            return "a number" + Range.of(setting).inWords(false);
        }
    }

    /** True or false. */
    record Flag() implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            return json.isBoolean() ? (Object) json.booleanValue() : wrong(json, path, reader);
        }

        @Override
        public JsonNode write(Object value) {
            return BooleanNode.valueOf((Boolean) value);
        }

        @Override
        public String expected() {
            return "true or false";
        }
    }

    /**
     * An enum: its constants in lower case, or as their {@link JsonProperty} says, where {@code true} and
     * {@code false} may be JSON's own.
     */
    record Choice(Map<String, Object> constants) implements FieldType {
        private static final Set<String> BOOLEANS = Set.of("true", "false");

        static Choice of(Class<?> type) {
            var constants = new LinkedHashMap<String, Object>();
            for (var field : type.getFields()) {
                if (field.isEnumConstant()) {
                    var named = field.getAnnotation(JsonProperty.class);
                    var name = named == null ? field.getName().toLowerCase(Locale.ROOT) : named.value();
                    constants.put(name, constant(field));
                }
            }
            return new Choice(constants);
        }

        private static Object constant(java.lang.reflect.Field field) {
            try {
                return field.get(null);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            var found = json.isTextual() || json.isBoolean() ? constants.get(json.asText()) : null;
            return found == null ? wrong(json, path, reader) : found;
        }

        @Override
        public JsonNode write(Object value) {
            for (var constant : constants.entrySet()) {
                if (constant.getValue() == value) {
                    return json(constant.getKey());
                }
            }
            throw new IllegalStateException("no constant " + value);
        }

        /** A constant's name as JSON. */
        static JsonNode json(String name) {
            return BOOLEANS.contains(name) ? BooleanNode.valueOf(Boolean.parseBoolean(name)) : TextNode.valueOf(name);
        }

        @Override
        public String expected() {
            return "one of " + String.join(", ", constants.keySet());
        }
    }

    /** A JSON object of a form that this contract leaves open. */
    record Row() implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            return json instanceof ObjectNode ? json : wrong(json, path, reader);
        }

        @Override
        public JsonNode write(Object value) {
            return (JsonNode) value;
        }

        @Override
        public String expected() {
            return "a JSON object";
        }
    }

    /** Texts by name. */
    record Texts() implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            if (!(json instanceof ObjectNode object) || !object.valueStream().allMatch(JsonNode::isTextual)) {
                return wrong(json, path, reader);
            }
            var texts = new TreeMap<String, String>();
            object.propertyStream()
                    .forEach(entry -> texts.put(entry.getKey(), entry.getValue().textValue()));
            return texts;
        }

        @Override
        public JsonNode write(Object value) {
            var json = JsonNodeFactory.instance.objectNode();
            // in the order of their names, so that two commands that mean the same have one digest
            new TreeMap<Object, Object>((Map<?, ?>) value)
                    .forEach((name, text) -> json.put((String) name, (String) text));
            return json;
        }

        @Override
        public String expected() {
            return "an object of texts";
        }
    }

    /** A record in an object of its own. */
    record Nested<R extends Record>(RecordShape<R> shape) implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            return json instanceof ObjectNode object
                    ? reader.read(shape, object, Set.of(), path)
                    : wrong(json, path, reader);
        }

        @Override
        public JsonNode write(Object value) {
            var json = JsonNodeFactory.instance.objectNode();
            RecordWriter.write(shape, value, json);
            return json;
        }

        @Override
        public String expected() {
            return "an object with "
                    + String.join(", ", shape.fields().stream().map(Field::name).toList());
        }
    }

    /** A list. */
    record Many(FieldType element, boolean single) implements FieldType {
        @Override
        public Object read(JsonNode json, String path, RecordReader reader) {
            if (single && json.isTextual()) {
                var only = element.read(json, path, reader);
                return only == null ? null : List.of(only);
            }
            if (!json.isArray()) {
                return wrong(json, path, reader);
            }
            var list = new ArrayList<Object>();
            for (int i = 0; i < json.size(); i++) {
                var value = element.read(json.get(i), path + "[" + i + "]", reader);
                if (value != null) {
                    list.add(value);
                }
            }
            return list;
        }

        @Override
        public JsonNode write(Object value) {
            var list = (List<?>) value;
            if (single && list.size() == 1) {
                return element.write(list.getFirst());
            }
            var json = JsonNodeFactory.instance.arrayNode();
            list.forEach(e -> json.add(element.write(e)));
            return json;
        }

        @Override
        public String expected() {
            var each = "a list, each element " + element.expected();
            return single ? element.expected() + ", or " + each : each;
        }
    }

    /** The numbers that a setting allows. */
    record Range(double min, double max, boolean aboveMin, boolean belowMax) {
        static Range of(Setting setting) {
            return new Range(setting.min(), setting.max(), setting.aboveMin(), setting.belowMax());
        }

        boolean holds(double number) {
            return Double.isFinite(number)
                    && (aboveMin ? number > min : number >= min)
                    && (belowMax ? number < max : number <= max);
        }

        String inWords(boolean whole) {
            var limits = new ArrayList<String>();
            if (Double.isFinite(min)) {
                limits.add((aboveMin ? "greater than " : "at least ") + shown(min, whole));
            }
            if (Double.isFinite(max)) {
                limits.add((belowMax ? "less than " : "at most ") + shown(max, whole));
            }
            return limits.isEmpty() ? "" : " that is " + String.join(" and ", limits);
        }

        private static String shown(double limit, boolean whole) {
            return whole || isShort(limit) ? String.valueOf((long) limit) : String.valueOf(limit);
        }
    }

    /** Whether it reads better as a whole number. */
    static boolean isShort(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15;
    }
}
