package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Field;
import io.lorikeet.contracts.shape.RecordShape;
import java.util.List;

/** Every setting of a run, as a table for readers. */
public final class SettingsTable {
    private SettingsTable() {}

    /** Its rows. */
    public static List<Field> rows() {
        return RecordShape.of(TrainingSettings.class).fields();
    }

    /** The table in Markdown. */
    public static String markdown() {
        var text = new StringBuilder("| setting | value | default | meaning |\n|---|---|---|---|\n");
        for (var field : rows()) {
            var aliases = field.aliases().isEmpty() ? "" : " (or `" + String.join("`, `", field.aliases()) + "`)";
            var json = field.defaultJson();
            var absent = field.setting().whenAbsent();
            text.append("| `")
                    .append(field.name())
                    .append('`')
                    .append(aliases)
                    .append(" | ")
                    .append(field.type().expected())
                    .append(" | ")
                    .append(json == null ? (absent.isEmpty() ? "none" : absent) : "`" + json + "`")
                    .append(" | ")
                    .append(field.setting().doc())
                    .append(" |\n");
        }
        return text.toString();
    }
}
