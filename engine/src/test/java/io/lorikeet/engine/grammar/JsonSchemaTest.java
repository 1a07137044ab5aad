package io.lorikeet.engine.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a document of a schema may be and an answer is not: see {@link JsonSchema}. */
    private static final Set<String> NARROWER = Set.of(
            "additionalProperties: additional properties are allowed",
            "items: ignores non-arrays",
            "maxItems: ignores non-arrays",
            "maxLength: ignores non-strings",
            "maximum: ignores non-numbers",
            "minItems: ignores non-arrays",
            "minLength: ignores non-strings",
            "minimum: ignores non-numbers",
            "pattern: ignores non-strings",
            "properties: doesn't invalidate other properties",
            "properties: ignores non-objects",
            // of {"properties": {"foo": {"$ref": "#"}}, …}, where foo is false: without a type, it is about objects
            "ref: match",
            "ref: recursive match");

    @Test
    void allowsNoDocumentThatTheOfficialSuiteCallsInvalid() {
        List<String> wrong = new ArrayList<>();
        int documents = 0;
        for (SchemaSuite.Group group : SchemaSuite.groups()) {
            if (!isRefused(group.schema())) {
                Grammar grammar = JsonSchema.grammar(group.schema(), "");
                for (JsonNode test : group.tests()) {
                    documents++;
                    if (!test.get("valid").booleanValue()
                            && grammar.matches(test.get("data").toString())) {
                        wrong.add(group.file() + ": " + group.description() + ": " + test.get("description"));
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(documents).isGreaterThan(120);
    }

    @Test
    void writesTheValidDocumentsOfTheOfficialSuiteButForRarerForms() {
        Set<String> missing = new TreeSet<>();
        for (SchemaSuite.Group group : SchemaSuite.groups()) {
            if (!isRefused(group.schema())) {
                Grammar grammar = JsonSchema.grammar(group.schema(), "");
                for (JsonNode test : group.tests()) {
                    if (test.get("valid").booleanValue()
                            && !grammar.matches(test.get("data").toString())) {
                        missing.add(
                                group.file() + ": " + test.get("description").textValue());
                    }
                }
            }
        }
        assertThat(missing).isEqualTo(NARROWER);
    }

    @Test
    void refusesWhatItCannotEnforceByName() {
        Set<String> refused = new TreeSet<>();
        for (SchemaSuite.Group group : SchemaSuite.groups()) {
            try {
                JsonSchema.grammar(group.schema(), "");
            } catch (SchemaException e) {
                refused.add(group.file());
            }
        }
        assertThat(refused).contains("oneOf", "not", "uniqueItems", "multipleOf", "patternProperties", "dependencies");
        assertThatThrownBy(() -> grammar("{'properties': {'a': {'items': {'not': {}}}}}"))
                .hasMessage("properties.a.items.not: is not supported");
    }

    private static boolean isRefused(JsonNode schema) {
        try {
            JsonSchema.grammar(schema, "");
            return false;
        } catch (SchemaException e) {
            return true;
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {'type': 'integer'}                                   | 0 -1 42                      | 01 1.0 +1 - ''
            {'type': 'number'}                                    | 0 -1.5 1e3 2E-7              | 1. .5 1e 1e+
            {'type': 'integer', 'minimum': 7, 'maximum': 123}     | 7 9 10 99 100 119 123        | 6 124 0 -7 200 1000
            {'type': 'integer', 'minimum': -12, 'maximum': 5}     | -12 -9 -1 0 5                | -13 -20 6 -0 -123
            {'type': 'integer', 'exclusiveMinimum': 0}            | 1 10 999                     | 0 -1
            {'type': 'integer', 'exclusiveMaximum': -5}           | -6 -60                       | -5 -4 0 5
            {'type': 'number', 'minimum': 0, 'maximum': 1}        | 0 1 0.5 0.0 1.0 1.00         | 1.1 2 -0.1 1.01 10
            {'type': 'number', 'exclusiveMinimum': 0.25}          | 0.26 0.3 1 0.2501 25         | 0.25 0.2 0.250 0 0.1
            {'type': 'number', 'minimum': -1.5, 'maximum': -0.5}  | -1.5 -1 -0.5 -0.75 -1.49     | -1.51 -0.4 0 -2 1
            {'const': 'x'}                                        | "x"                          | "y" x "xx"
            {'const': null}                                       | null                         | 0
            {'enum': [1, 'a', [2], {'b': 3}]}                     | 1 "a" [2] {"b":3}            | 2 [] {} "b"
            {'type': 'string', 'enum': ['a', 1]}                  | "a"                          | 1
            {'type': ['string', 'null'], 'maxLength': 2}          | "" "ab" "é€" "😀😀" null      | "abc" 1
            {'type': 'string', 'minLength': 2}                    | "ab" "abc" "\\u0041b"        | "" "a" "\\u0041"
            {'type': 'string', 'pattern': '^[a-c]+$'}             | "a" "abc"                    | "" "d" "ad"
            {'type': 'string', 'pattern': 'b'}                    | "b" "abc" "ab"               | "" "a"
            {'type': 'string', 'pattern': '^\\\\d{2,3}$'}         | "12" "123"                   | "1" "1234" "a1"
            {'type': 'string', 'format': 'date'}                  | "2026-11-28"                 | "2026-13-01" "2026-02-30" "x"
            {'type': 'string', 'format': 'date-time'}             | "2026-11-28T12:00:00Z"       | "2026-11-28"
            {'type': 'string', 'format': 'uuid'}                  | "123e4567-e89b-12d3-a456-426614174000" | "123"
            {'prefixItems': [{'type': 'integer'}, {'type': 'string'}], 'items': false} | [] [1] [1,"a"] | [1,"a",2] ["a"]
            {'prefixItems': [{'type': 'integer'}], 'minItems': 2} | [1,2] [1,"a",null]           | [] [1] ["a",1]
            {'items': {'type': 'integer'}, 'maxItems': 2}         | [] [1] [1,2]                 | [1,2,3] ["a"]
            {'anyOf': [{'type': 'integer'}, {'type': 'boolean'}]} | 1 true                       | "a" null
            {'type': 'integer', 'allOf': [{'minimum': 3}]}        | 3 4                          | 2
            {'$ref': '#/$defs/a', '$defs': {'a': {'type': 'null'}}} | null                       | 1
            """)
    void allowsExactlyTheValuesOfASchema(String schema, String allowed, String forbidden) {
        Grammar grammar = grammar(schema);
        for (String each : allowed.strip().split(" +", -1)) {
            assertThat(grammar.matches(each)).as(each).isTrue();
        }
        for (String each : forbidden.strip().split(" +", -1)) {
            assertThat(grammar.matches(each)).as(each).isFalse();
        }
    }

    @Test
    void writesPropertiesInTheSchemasOrderAndNoOthers() {
        Grammar grammar = grammar(
                "{'type': 'object', 'properties': {'b': {'type': 'integer'}, 'a': {'type': 'null'}, 'c': {}}, 'required': ['a']}");
        assertThat(List.of("{\"b\":1,\"a\":null}", "{\"a\":null}", "{\"a\":null,\"c\":[]}", "{ \"a\": null }"))
                .allMatch(grammar::matches);
        assertThat(List.of(
                        "{}",
                        "{\"b\":1}",
                        "{\"a\":null,\"b\":1}",
                        "{\"a\":null,\"d\":1}",
                        "{\"a\":null,}",
                        "{,\"a\":null}",
                        "{\"a\":null,\"a\":null}"))
                .noneMatch(grammar::matches);
    }

    @Test
    void givesFurtherPropertiesNoNameOfTheSchemas() {
        Grammar grammar =
                grammar("{'properties': {'ab': {'type': 'null'}}, 'additionalProperties': {'type': 'integer'}}");
        assertThat(List.of(
                        "{}", "{\"ab\":null}", "{\"x\":1}", "{\"a\":1,\"abc\":2}", "{\"ab\":null,\"b\":1}", "{\"\":1}"))
                .allMatch(grammar::matches);
        assertThat(List.of("{\"ab\":1}", "{\"x\":null}", "{\"\\u0061b\":1}", "{\"ab\":null,\"ab\":1}"))
                .noneMatch(grammar::matches);
    }

    @Test
    void followsSchemasThatContainThemselves() {
        Grammar tree = grammar("{'$ref': '#/$defs/node', '$defs': {'node': {'type': 'object', 'properties':"
                + " {'v': {'type': 'integer'}, 'next': {'anyOf': [{'$ref': '#/$defs/node'}, {'type': 'null'}]}},"
                + " 'required': ['v', 'next'], 'additionalProperties': false}}}");
        assertThat(tree.matches("{\"v\":1,\"next\":{\"v\":2,\"next\":{\"v\":3,\"next\":null}}}"))
                .isTrue();
        assertThat(tree.matches("{\"v\":1,\"next\":{\"v\":2,\"next\":{}}}")).isFalse();
        assertThatThrownBy(() -> grammar("{'$ref': '#'}")).hasMessage("the schema: allows nothing");
    }

    @Test
    void aPatternMayHaveAlternatives() {
        Grammar grammar = grammar("{'type': 'string', 'pattern': '^(ab|c){2}$'}");
        assertThat(List.of("\"abab\"", "\"abc\"", "\"cc\"")).allMatch(grammar::matches);
        assertThat(List.of("\"ab\"", "\"ccc\"")).noneMatch(grammar::matches);
    }

    @Test
    void allowsAnyJsonObjectAndOnlyThat() {
        Grammar any = JsonSchema.anyObject();
        assertThat(List.of("{}", "{\"a\": [1, {\"b\": \"\\\"\\n\\ud83d\\ude00 é\"}, true]}", "{\n  \"a\": null\n}"))
                .allMatch(any::matches);
        assertThat(List.of(
                        "[]",
                        "{\"a\": \"\n\"}",
                        "{\"a\": \"\\ud83d\"}",
                        "{\"a\": \"\\x\"}",
                        "{\n\n}",
                        "{} ",
                        "{\"a\":1,}"))
                .noneMatch(any::matches);
    }

    private static Grammar grammar(String schema) {
        try {
            return JsonSchema.grammar(JSON.readTree(schema.replace('\'', '"')), "");
        } catch (JsonProcessingException e) {
            throw new AssertionError(schema, e);
        }
    }
}
