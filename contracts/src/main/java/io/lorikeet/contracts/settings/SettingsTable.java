package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Field;
import io.lorikeet.contracts.shape.RecordShape;
import java.util.List;

/** Every setting of a run, and any other fields, as a table for readers. */
public final class SettingsTable {
    private SettingsTable() {}

    /** Its rows. */
    public static List<Field> rows() {
        return RecordShape.of(TrainingSettings.class).fields();
    }

    /** A table in Markdown. */
    public static String markdown(List<Field> fields) {
        var text = new StringBuilder("| field | value | default | meaning |\n|---|---|---|---|\n");
        for (var field : fields) {
            var aliases = field.aliases().isEmpty() ? "" : " (or `" + String.join("`, `", field.aliases()) + "`)";
            text.append("| `")
                    .append(field.name())
                    .append('`')
                    .append(aliases)
                    .append(" | ")
                    .append(field.type().expected())
                    .append(" | ")
                    .append(withoutIt(field))
                    .append(" | ")
                    .append(field.setting().doc())
                    .append(" |\n");
        }
        return text.toString();
    }

    private static String withoutIt(Field field) {
        if (field.setting().required()) {
            return "required";
        }
        if (field.defaultJson() != null) {
            return "`" + field.defaultJson() + "`";
        }
        return field.setting().whenAbsent().isEmpty() ? "none" : field.setting().whenAbsent();
    }
}
