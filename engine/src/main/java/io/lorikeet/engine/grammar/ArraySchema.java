package io.lorikeet.engine.grammar;

import static io.lorikeet.engine.grammar.Expression.sequence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.lorikeet.engine.grammar.Expression.Repeat;

/** The arrays of a schema. */
final class ArraySchema {
    private static final int LONGEST = 1_000;

    private final JsonSchema schemas;
    private final JsonNode schema;
    private final String path;

    ArraySchema(JsonSchema schemas, JsonNode schema, String path) {
        this.schemas = schemas;
        this.schema = schema;
        this.path = path;
    }

    Expression elements() {
        JsonNode first = schema.path("prefixItems");
        if (schema.has("prefixItems")) {
            JsonSchema.requireArray(first, path, "prefixItems");
        }
        JsonNode further = schema.has("items") ? schema.get("items") : BooleanNode.TRUE;
        boolean closed = further.isBoolean() && !further.booleanValue();
        int min = JsonSchema.count(schema, path, "minItems", 0, LONGEST);
        int max = JsonSchema.count(schema, path, "maxItems", Expression.MANY, LONGEST);
        max = closed ? Math.min(max, first.size()) : max;
        if (max < min) {
            throw new SchemaException(JsonSchema.at(path, "maxItems"), "leaves less than minItems");
        }
        if (max == 0) {
            return JsonText.array(sequence());
        }
        Rule item = new Rule("items");
        if (!closed) {
            item.define(schemas.value(further, JsonSchema.at(path, "items")));
        }
        // from the last to the first: an element, and perhaps those behind it
        int named = Math.min(first.size(), max);
        Expression rest = new Repeat(
                sequence(JsonText.COMMA, item.call()),
                Math.max(0, min - Math.max(named, 1)),
                max == Expression.MANY ? max : max - Math.max(named, 1));
        for (int i = named - 1; i > 0; i--) {
            rest = new Repeat(
                    sequence(JsonText.COMMA, element(first, i), closed && i == first.size() - 1 ? sequence() : rest),
                    i < min ? 1 : 0,
                    1);
        }
        Expression begin = named > 0 ? element(first, 0) : item.call();
        boolean alone = closed && first.size() == 1;
        return JsonText.array(new Repeat(sequence(begin, alone ? sequence() : rest), min > 0 ? 1 : 0, 1));
    }

    private Expression element(JsonNode first, int i) {
        return schemas.value(first.get(i), JsonSchema.at(path, "prefixItems[" + i + "]"));
    }
}
