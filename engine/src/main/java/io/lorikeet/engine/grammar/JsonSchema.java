package io.lorikeet.engine.grammar;

import static io.lorikeet.engine.grammar.Expression.choice;
import static io.lorikeet.engine.grammar.Expression.nothing;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * JSON Schema (2020-12) as a grammar of its documents. What cannot be enforced token by token is refused by name, never passed
 * over. Of what a schema allows, a document has one form: an object's properties in the schema's order, none that the schema
 * does not name unless it says {@code additionalProperties}, and without {@code type} what the other keywords are about.
 */
public final class JsonSchema {
    /** What says something about a schema and nothing about its documents. */
    private static final Set<String> ANNOTATIONS = Set.of(
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions",
            "title",
            "description",
            "default",
            "example",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly");

    private static final Set<String> COMBINING = Set.of("$ref", "allOf", "anyOf", "enum", "const", "type");

    private static final Map<String, Set<String>> KEYWORDS = Map.of(
            "object", Set.of("properties", "required", "additionalProperties"),
            "array", Set.of("items", "prefixItems", "minItems", "maxItems"),
            "string", Set.of("minLength", "maxLength", "pattern", "format"),
            "number", Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
            "boolean", Set.of(),
            "null", Set.of());

    private static final Set<String> TYPES =
            Set.of("object", "array", "string", "number", "integer", "boolean", "null");

    private final JsonNode root;
    private final Map<String, Rule> rules = new HashMap<>();
    private final String base;
    /** References that have been followed since a byte was written. */
    private final Set<String> following = new HashSet<>();

    private JsonSchema(JsonNode root, String base) {
        this.root = root;
        this.base = base;
    }

    /**
     * The documents of a schema.
     *
     * @param path of the schema in what it came in
     * @throws SchemaException naming what cannot be enforced
     */
    public static Grammar grammar(JsonNode schema, String path) {
        return new Grammar(rule(schema, path));
    }

    /** Any JSON object. */
    public static Grammar anyObject() {
        return new Grammar(JsonText.OBJECT);
    }

    /**
     * The same, for a rule that calls it.
     *
     * @param path of the schema in what it is part of
     */
    static Rule rule(JsonNode schema, String path) {
        var rule = new Rule("schema", new JsonSchema(schema, path).value(schema, path));
        if (new Automaton(rule).start() == Automaton.DEAD) {
            throw new SchemaException(path, "allows nothing");
        }
        return rule;
    }

    /** The values that a schema at a path allows. */
    Expression value(JsonNode schema, String path) {
        if (schema.isBoolean() && schema.booleanValue()) {
            return JsonText.VALUE.call();
        }
        if (!schema.isObject()) {
            throw new SchemaException(path, schema.isBoolean() ? "allows nothing" : "is no schema; expected an object");
        }
        refuseUnknown(schema, path);
        ObjectNode rest = ((ObjectNode) schema.deepCopy()).remove(ANNOTATIONS);
        if (rest.has("$ref")) {
            return reference(rest, path);
        }
        if (rest.has("allOf")) {
            JsonNode all = rest.remove("allOf");
            requireArray(all, path, "allOf");
            for (int i = 0; i < all.size(); i++) {
                rest = SchemaMerge.of(rest, all.get(i), at(path, "allOf[" + i + "]"));
            }
            return value(rest, path);
        }
        if (rest.has("anyOf")) {
            JsonNode any = rest.remove("anyOf");
            requireArray(any, path, "anyOf");
            List<Expression> alternatives = new ArrayList<>();
            for (int i = 0; i < any.size(); i++) {
                String each = at(path, "anyOf[" + i + "]");
                alternatives.add(value(rest.isEmpty() ? any.get(i) : SchemaMerge.of(rest, any.get(i), each), each));
            }
            return choice(alternatives);
        }
        if (rest.has("enum") || rest.has("const")) {
            return listed(rest, path);
        }
        return typed(rest, path);
    }

    private static void refuseUnknown(JsonNode schema, String path) {
        schema.fieldNames().forEachRemaining(keyword -> {
            boolean known = ANNOTATIONS.contains(keyword)
                    || COMBINING.contains(keyword)
                    || KEYWORDS.values().stream().anyMatch(of -> of.contains(keyword));
            if (!known) {
                throw new SchemaException(at(path, keyword), "is not supported");
            }
        });
    }

    private Expression reference(ObjectNode rest, String path) {
        String to = rest.remove("$ref").asText();
        String where = at(path, "$ref");
        if (!to.equals("#") && !to.startsWith("#/")) {
            throw new SchemaException(where, "leads out of the schema; expected \"#/$defs/…\"");
        }
        JsonNode target =
                root.at(JsonPointer.compile(to.substring(1).replace("%25", "%").replace("%22", "\"")));
        if (target.isMissingNode()) {
            throw new SchemaException(where, "leads nowhere; expected the path of a schema in this one");
        }
        if (rest.isEmpty()) {
            Rule known = rules.get(to);
            if (known == null) {
                known = new Rule(to);
                rules.put(to, known);
                String there = to.substring(1).replace('/', '.');
                known.define(value(target, base.isEmpty() ? there.replaceFirst("^[.]", "") : base + there));
            }
            return known.call();
        }
        if (!following.add(to)) {
            throw new SchemaException(where, "leads to itself, with keywords beside it");
        }
        Expression merged = value(SchemaMerge.of(rest, target, where), path);
        following.remove(to);
        return merged;
    }

    /** Values by name, as far as the other keywords allow them. */
    private Expression listed(ObjectNode rest, String path) {
        List<JsonNode> values = new ArrayList<>();
        JsonNode all = rest.remove("enum");
        JsonNode one = rest.remove("const");
        if (all != null) {
            requireArray(all, path, "enum");
            all.forEach(values::add);
            values.removeIf(value -> one != null && !value.equals(one));
        } else {
            values.add(one);
        }
        var others = new Automaton(new Rule("others", typed(rest, path)));
        values.removeIf(value -> !others.matches(value.toString()));
        if (values.isEmpty()) {
            throw new SchemaException(at(path, all != null ? "enum" : "const"), "has no value that is allowed here");
        }
        return choice(values.stream().map(JsonSchema::written).toList());
    }

    private static Expression written(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> JsonText.string(JsonText.text(value.textValue()));
            case ARRAY ->
                JsonText.array(
                        separated(value.valueStream().map(JsonSchema::written).toList()));
            case OBJECT ->
                JsonText.object(separated(value.propertyStream()
                        .map(member -> Expression.sequence(
                                JsonText.string(JsonText.text(member.getKey())),
                                JsonText.COLON,
                                written(member.getValue())))
                        .toList()));
            case NUMBER, BOOLEAN, NULL, BINARY, MISSING, POJO -> Expression.literal(value.toString());
        };
    }

    private static Expression separated(List<Expression> parts) {
        List<Expression> all = new ArrayList<>();
        for (Expression part : parts) {
            if (!all.isEmpty()) {
                all.add(JsonText.COMMA);
            }
            all.add(part);
        }
        return new Expression.Sequence(all);
    }

    private Expression typed(ObjectNode rest, String path) {
        List<Expression> alternatives = new ArrayList<>();
        for (String type : types(rest, path)) {
            alternatives.add(
                    switch (type) {
                        case "object" -> new ObjectSchema(this, rest, path).members();
                        case "array" -> new ArraySchema(this, rest, path).elements();
                        case "string" -> StringSchema.of(rest, path);
                        case "number" -> numbers(rest, path, false);
                        case "integer" -> numbers(rest, path, true);
                        case "boolean" -> JsonText.BOOLEAN.call();
                        default -> JsonText.NULL.call();
                    });
        }
        return choice(alternatives);
    }

    /** Those that it names, or those that its keywords are about; without either, all. */
    private static Set<String> types(ObjectNode rest, String path) {
        JsonNode named = rest.path("type");
        Set<String> types = new LinkedHashSet<>();
        if (named.isMissingNode()) {
            KEYWORDS.forEach((type, keywords) -> {
                if (keywords.stream().anyMatch(rest::has)) {
                    types.add(type);
                }
            });
            return types.isEmpty() ? Set.of("object", "array", "string", "number", "boolean", "null") : types;
        }
        (named.isArray() ? named : JsonNodeFactory.instance.arrayNode().add(named)).forEach(each -> {
            if (!TYPES.contains(each.asText())) {
                throw new SchemaException(at(path, "type"), "is none of JSON Schema's");
            }
            types.add(each.asText());
        });
        if (types.isEmpty()) {
            throw new SchemaException(at(path, "type"), "is empty");
        }
        return types;
    }

    private static Expression numbers(ObjectNode rest, String path, boolean integer) {
        var low = NumberBounds.low(rest, path);
        var high = NumberBounds.high(rest, path);
        if (low.isEmpty() && high.isEmpty()) {
            return integer ? JsonText.INTEGER.call() : JsonText.NUMBER.call();
        }
        Expression numbers = NumberRange.of(low, high, integer);
        if (numbers.equals(nothing())) {
            throw new SchemaException(at(path, high.isPresent() ? "maximum" : "minimum"), "leaves no number");
        }
        return numbers;
    }

    static String at(String path, String keyword) {
        return path.isEmpty() ? keyword : path + "." + keyword;
    }

    /** A keyword's value as a count; {@code missing} if it has none. */
    static int count(JsonNode schema, String path, String keyword, int missing, int most) {
        JsonNode value = schema.path(keyword);
        if (value.isMissingNode()) {
            return missing;
        }
        if (!value.isNumber()
                || value.doubleValue() % 1 != 0
                || value.doubleValue() < 0
                || value.doubleValue() > most) {
            throw new SchemaException(at(path, keyword), "is not supported with this value; expected 0 to " + most);
        }
        return value.intValue();
    }

    static void requireArray(JsonNode value, String path, String keyword) {
        if (!value.isArray() || value.isEmpty()) {
            throw new SchemaException(at(path, keyword), "is no list; expected at least one element");
        }
    }
}
