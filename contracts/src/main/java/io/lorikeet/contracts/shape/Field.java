package io.lorikeet.contracts.shape;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;

/**
 * A row of the table.
 *
 * @param name in JSON
 * @param owner the record that declares it, which groups the rows of a reference
 * @param nullable whether JSON null means the same as absence
 */
public record Field(
        String name, List<String> aliases, Class<?> owner, FieldType type, Setting setting, boolean nullable)
        implements Member {
    private static final ObjectMapper DEFAULTS = new ObjectMapper();

    static Field of(RecordComponent component) {
        var setting = component.getAnnotation(Setting.class);
        var name = snakeCase(component.getName());
        var nullable = setting.defaultValue().isEmpty() && !setting.required();
        if (nullable && component.getType().isPrimitive()) {
            throw new IllegalStateException(component + " is primitive and has no default");
        }
        return new Field(
                name,
                List.of(setting.aliases()),
                component.getDeclaringRecord(),
                FieldType.of(component.getGenericType(), setting),
                setting,
                nullable);
    }

    /** The default as JSON; null if there is none. */
    public JsonNode defaultJson() {
        if (setting.defaultValue().isEmpty()) {
            return null;
        }
        if (type instanceof FieldType.Text) {
            return TextNode.valueOf(setting.defaultValue());
        }
        if (type instanceof FieldType.Choice) {
            return FieldType.Choice.json(setting.defaultValue());
        }
        try {
            return DEFAULTS.readTree(setting.defaultValue());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("default of " + name, e);
        }
    }

    static String snakeCase(String camel) {
        return camel.replaceAll("([a-z])([A-Z]|\\d[a-z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
