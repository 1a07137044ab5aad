package io.lorikeet.contracts.shape;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The table of a record as JSON Schema (2020-12). */
public final class JsonSchema {
    private JsonSchema() {}

    /** An object with the record's fields and no others. */
    public static ObjectNode of(RecordShape<?> shape) {
        var schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        var properties = schema.putObject("properties");
        var required = JsonNodeFactory.instance.arrayNode();
        for (var field : shape.fields()) {
            properties.set(field.name(), property(field));
            for (var alias : field.aliases()) {
                properties.set(alias, property(field).put("description", "The same as " + field.name() + "."));
            }
            if (field.setting().required()) {
                required.add(field.name());
            }
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        return schema.put("additionalProperties", false);
    }

    private static ObjectNode property(Field field) {
        var schema = of(field.type());
        if (field.nullable()) {
            orNull(schema);
        }
        var absent = field.setting().whenAbsent();
        schema.put("description", field.setting().doc() + (absent.isEmpty() ? "" : " If absent: " + absent + "."));
        if (field.defaultJson() != null) {
            schema.set("default", field.defaultJson());
        }
        return schema;
    }

    private static ObjectNode of(FieldType type) {
        var schema = JsonNodeFactory.instance.objectNode();
        return switch (type) {
            case FieldType.Text text -> text(schema, text.setting());
            case FieldType.Whole whole -> range(schema.put("type", "integer"), whole.setting());
            case FieldType.LongWhole _ -> schema.put("type", "integer");
            case FieldType.Decimal decimal -> range(schema.put("type", "number"), decimal.setting());
            case FieldType.Flag _ -> schema.put("type", "boolean");
            case FieldType.Choice choice -> {
                var constants = schema.putArray("enum");
                choice.constants().values().forEach(constant -> constants.add(choice.write(constant)));
                yield schema;
            }
            case FieldType.Row _ -> schema.put("type", "object");
            case FieldType.Texts _ -> {
                schema.put("type", "object").putObject("additionalProperties").put("type", "string");
                yield schema;
            }
            case FieldType.Nested<?> nested -> of(nested.shape());
            case FieldType.Many many -> {
                var list = JsonNodeFactory.instance.objectNode().put("type", "array");
                list.set("items", of(many.element()));
                if (!many.single()) {
                    yield list;
                }
                schema.putArray("anyOf").add(of(many.element())).add(list);
                yield schema;
            }
        };
    }

    private static ObjectNode text(ObjectNode schema, Setting setting) {
        schema.put("type", "string");
        if (!setting.pattern().isEmpty()) {
            schema.put("pattern", "^" + setting.pattern() + "$");
        } else if (setting.required()) {
            schema.put("pattern", "\\S");
        }
        if (setting.choices().length > 0) {
            var choices = schema.putArray("enum");
            for (var choice : setting.choices()) {
                choices.add(choice);
            }
        }
        return schema;
    }

    private static ObjectNode range(ObjectNode schema, Setting setting) {
        if (Double.isFinite(setting.min())) {
            number(schema, setting.aboveMin() ? "exclusiveMinimum" : "minimum", setting.min());
        }
        if (Double.isFinite(setting.max())) {
            number(schema, setting.belowMax() ? "exclusiveMaximum" : "maximum", setting.max());
        }
        return schema;
    }

    private static void number(ObjectNode schema, String name, double limit) {
        if (FieldType.isShort(limit)) {
            schema.put(name, (long) limit);
        } else {
            schema.put(name, limit);
        }
    }

    private static void orNull(ObjectNode schema) {
        if (schema.has("enum")) {
            schema.withArray("enum").addNull();
        }
        if (schema.has("type")) {
            var type = schema.remove("type");
            schema.putArray("type").add(type).add("null");
        }
    }
}
