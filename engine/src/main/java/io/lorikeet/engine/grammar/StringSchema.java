package io.lorikeet.engine.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.grammar.Expression.Repeat;

/** The strings of a schema. */
final class StringSchema {
    private static final int LONGEST = 2_000;

    private StringSchema() {}

    static Expression of(JsonNode schema, String path) {
        boolean counted = schema.has("minLength") || schema.has("maxLength");
        if (schema.has("pattern") || schema.has("format")) {
            String keyword = schema.has("pattern") ? "pattern" : "format";
            if (counted || (schema.has("pattern") && schema.has("format"))) {
                throw new SchemaException(
                        JsonSchema.at(path, keyword),
                        "is not supported beside minLength, maxLength or the other of both");
            }
            return JsonText.string(
                    schema.has("pattern")
                            ? pattern(schema.get("pattern"), JsonSchema.at(path, "pattern"))
                            : StringFormats.of(
                                    JsonSchema.at(path, "format"),
                                    schema.get("format").asText()));
        }
        if (!counted) {
            return JsonText.STRING.call();
        }
        int min = JsonSchema.count(schema, path, "minLength", 0, LONGEST);
        int max = JsonSchema.count(schema, path, "maxLength", Expression.MANY, LONGEST);
        if (max < min) {
            throw new SchemaException(JsonSchema.at(path, "maxLength"), "is below minLength");
        }
        Expression characters = max == Expression.MANY
                ? Expression.sequence(new Repeat(JsonText.CHARACTER, min, min), Expression.any(JsonText.CHARACTER))
                : new Repeat(JsonText.CHARACTER, min, max);
        return JsonText.string(characters);
    }

    private static Expression pattern(JsonNode pattern, String path) {
        try {
            return RegularExpression.of(pattern.asText());
        } catch (RegularExpression.UnsupportedException e) {
            throw new SchemaException(path, "is not supported with " + e.getMessage());
        }
    }
}
