package io.lorikeet.engine.grammar;

import static io.lorikeet.engine.grammar.Expression.choice;
import static io.lorikeet.engine.grammar.Expression.literal;
import static io.lorikeet.engine.grammar.Expression.optional;
import static io.lorikeet.engine.grammar.Expression.sequence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The objects of a schema: its properties in their order, then those that it does not name. */
final class ObjectSchema {
    private final JsonSchema schemas;
    private final JsonNode schema;
    private final String path;

    ObjectSchema(JsonSchema schemas, JsonNode schema, String path) {
        this.schemas = schemas;
        this.schema = schema;
        this.path = path;
    }

    Expression members() {
        Map<String, JsonNode> properties = properties();
        Set<String> required = required();
        Optional<JsonNode> additional = additional(properties);
        if (properties.isEmpty() && additional.isEmpty()) {
            return JsonText.object(sequence());
        }
        List<Rule> members = new ArrayList<>();
        properties.forEach((name, of) -> members.add(new Rule(
                name,
                sequence(
                        JsonText.string(JsonText.text(name)),
                        JsonText.COLON,
                        schemas.value(of, JsonSchema.at(path, "properties." + name))))));
        Optional<Rule> further = additional.map(of -> new Rule(
                "additional",
                sequence(
                        literal("\""),
                        OtherKeys.than(properties.keySet(), JsonSchema.at(path, "additionalProperties")),
                        JsonText.COLON,
                        schemas.value(of, JsonSchema.at(path, "additionalProperties")))));
        return JsonText.object(inOrder(List.copyOf(properties.keySet()), members, required, further));
    }

    /** Any of the first ones up to one that is required, and then those behind it, each after a comma. */
    private static Expression inOrder(
            List<String> names, List<Rule> members, Set<String> required, Optional<Rule> further) {
        Expression behind = further.<Expression>map(each -> Expression.any(sequence(JsonText.COMMA, each.call())))
                .orElse(sequence());
        List<Expression> beginnings = new ArrayList<>();
        further.ifPresent(
                each -> beginnings.add(sequence(each.call(), Expression.any(sequence(JsonText.COMMA, each.call())))));
        boolean empty = true;
        for (int i = names.size() - 1; i >= 0; i--) {
            var rest = new Rule("behind " + names.get(i), behind);
            if (required.contains(names.get(i))) {
                beginnings.clear();
                empty = false;
            }
            beginnings.add(sequence(members.get(i).call(), rest.call()));
            Expression next = sequence(JsonText.COMMA, members.get(i).call());
            behind = sequence(required.contains(names.get(i)) ? next : optional(next), rest.call());
        }
        return empty ? optional(choice(beginnings)) : choice(beginnings);
    }

    private Map<String, JsonNode> properties() {
        JsonNode found = schema.path("properties");
        if (!found.isMissingNode() && !found.isObject()) {
            throw new SchemaException(JsonSchema.at(path, "properties"), "is no object");
        }
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        found.properties().forEach(property -> properties.put(property.getKey(), property.getValue()));
        // required without a schema: any value
        required().forEach(name -> properties.computeIfAbsent(name, this::undeclared));
        return properties;
    }

    private JsonNode undeclared(String name) {
        JsonNode additional = schema.path("additionalProperties");
        if (additional.isBoolean() && !additional.booleanValue()) {
            throw new SchemaException(
                    JsonSchema.at(path, "required"), "names " + name + ", which additionalProperties rules out");
        }
        return additional.isMissingNode() ? BooleanNode.TRUE : additional;
    }

    private Set<String> required() {
        Set<String> required = new LinkedHashSet<>();
        JsonNode found = schema.path("required");
        found.forEach(name -> required.add(name.asText()));
        if (!found.isMissingNode() && !found.isArray()) {
            throw new SchemaException(JsonSchema.at(path, "required"), "is no list of names");
        }
        return required;
    }

    private Optional<JsonNode> additional(Map<String, JsonNode> properties) {
        JsonNode found = schema.path("additionalProperties");
        if (found.isMissingNode()) {
            return properties.isEmpty() && !schema.has("properties") ? Optional.of(BooleanNode.TRUE) : Optional.empty();
        }
        return found.isBoolean() && !found.booleanValue() ? Optional.empty() : Optional.of(found);
    }
}
