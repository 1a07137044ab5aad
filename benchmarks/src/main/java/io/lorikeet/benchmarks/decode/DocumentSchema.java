package io.lorikeet.benchmarks.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.grammar.Grammar;
import io.lorikeet.engine.grammar.JsonSchema;

/** Documents that never end: records with strings that nearly all of the vocabulary may be in, and much structure. */
final class DocumentSchema {
    private static final String SCHEMA = """
            {"type": "array", "minItems": 1000, "items": {
              "type": "object",
              "properties": {
                "id": {"type": "integer", "minimum": 1, "maximum": 99999},
                "name": {"type": "string", "pattern": "^[ a-z0-9]{1,24}$"},
                "kind": {"enum": ["first", "second", "third"]},
                "note": {"anyOf": [{"type": "string", "pattern": "^[ a-z0-9]*$"}, {"type": "null"}]}},
              "required": ["id", "name", "kind", "note"],
              "additionalProperties": false}}
            """;

    private DocumentSchema() {}

    static Grammar grammar() {
        try {
            return JsonSchema.grammar(new ObjectMapper().readTree(SCHEMA), "schema");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
