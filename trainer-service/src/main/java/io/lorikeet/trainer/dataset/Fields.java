package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.trainer.files.Root;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of a row or of a message that hold something, by name without regard to case. Whoever reads a field takes it
 * away, so that what is left in the end is what nobody read.
 */
final class Fields {
    /**
     * One of them.
     *
     * @param name as the row has it
     */
    record Field(String name, JsonNode value) {

        String text() throws RowException {
            if (!value.isTextual()) {
                throw new RowException("'%s' is text, and this is %s".formatted(name, kind(value)));
            }
            return value.textValue();
        }

        /** The array, also one written as text into a cell of a CSV file. */
        JsonNode list() throws RowException {
            JsonNode array = value;
            if (value.isTextual()) {
                try {
                    array = JsonRows.MAPPER.readTree(value.textValue());
                } catch (JsonProcessingException e) {
                    throw new RowException("'%s' is a list, and its text is not JSON".formatted(name));
                }
            }
            if (!array.isArray()) {
                throw new RowException("'%s' is a list, and this is %s".formatted(name, kind(array)));
            }
            return array;
        }
    }

    private final Map<String, Field> left = new LinkedHashMap<>();
    private final ObjectNode json;

    private Fields(ObjectNode json) {
        this.json = json;
    }

    /** @throws RowException if two keys have one name and do not say the same */
    static Fields of(ObjectNode json, Columns columns) throws RowException {
        var fields = new Fields(json);
        for (var entry : json.properties()) {
            Optional<String> name = columns.name(normal(entry.getKey()));
            if (name.isPresent()) {
                fields.add(name.get(), new Field(entry.getKey(), entry.getValue()));
            }
        }
        return fields;
    }

    private void add(String name, Field field) throws RowException {
        // an empty system prompt says something: that there is none
        if (!holdsSomething(field.value) && !(name.startsWith("system") && field.value.isTextual())) {
            return;
        }
        Field other = left.putIfAbsent(name, field);
        if (other != null && !other.value.equals(field.value)) {
            throw new RowException("'%s' and '%s' are both '%s', and they differ; keep one, or name it with columns"
                    .formatted(other.name, field.name, name));
        }
    }

    /** The field, which is read by that. */
    Optional<Field> take(String name) {
        return Optional.ofNullable(left.remove(name));
    }

    Optional<Field> peek(String name) {
        return Optional.ofNullable(left.get(name));
    }

    /** Those of these names that are there. */
    List<Field> takeAll(List<String> names) {
        return names.stream().map(this::take).flatMap(Optional::stream).toList();
    }

    /** What nobody has read, by name. */
    Map<String, Field> left() {
        return left;
    }

    /** For a message: every key of the row. */
    String names() {
        return json.isEmpty()
                ? "no fields"
                : Root.shown(String.join(
                        ", ", json.properties().stream().map(Map.Entry::getKey).toList()));
    }

    /** A key as it is compared. */
    static String normal(String key) {
        return key.strip().toLowerCase(Locale.ROOT);
    }

    static boolean holdsSomething(JsonNode value) {
        return !value.isNull()
                && !(value.isTextual() && value.textValue().isEmpty())
                && !(value.isContainerNode() && value.isEmpty());
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT, POJO -> "an object";
            case STRING -> "text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL, MISSING -> "null";
            case BINARY -> "binary";
        };
    }
}
