package io.lorikeet.engine.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Set;

/** One schema that says what two say. Only where that is what their keywords beside each other say. */
final class SchemaMerge {
    /** Keywords that regard each other, and so must stay with whom they stand. */
    private static final Set<String> OF_OBJECTS = Set.of("properties", "additionalProperties");

    private static final Set<String> OF_ARRAYS = Set.of("prefixItems", "items");

    private SchemaMerge() {}

    /** @param path of the second */
    static ObjectNode of(ObjectNode one, JsonNode other, String path) {
        if (!other.isObject()) {
            throw new SchemaException(path, "is no schema; expected an object");
        }
        ObjectNode merged = one.deepCopy();
        apart(one, other, OF_OBJECTS, path);
        apart(one, other, OF_ARRAYS, path);
        other.properties().forEach(property -> {
            String keyword = property.getKey();
            JsonNode value = property.getValue();
            JsonNode before = merged.get(keyword);
            if (before == null || before.equals(value)) {
                merged.set(keyword, value);
            } else if (keyword.equals("required")) {
                Set<JsonNode> both = new LinkedHashSet<>();
                before.forEach(both::add);
                value.forEach(both::add);
                merged.putArray(keyword).addAll(both);
            } else if (!keyword.equals("title") && !keyword.equals("description") && !keyword.equals("default")) {
                throw new SchemaException(
                        JsonSchema.at(path, keyword), "says something else than the same keyword beside it");
            }
        });
        return merged;
    }

    private static void apart(JsonNode one, JsonNode other, Set<String> group, String path) {
        if (group.stream().anyMatch(one::has) && group.stream().anyMatch(other::has)) {
            String keyword = group.stream().filter(other::has).findFirst().orElseThrow();
            boolean same = group.stream().allMatch(each -> one.path(each).equals(other.path(each)));
            if (!same) {
                throw new SchemaException(JsonSchema.at(path, keyword), "is not supported in both of two schemas");
            }
        }
    }
}
