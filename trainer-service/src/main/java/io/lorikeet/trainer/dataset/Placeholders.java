package io.lorikeet.trainer.dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts {@code model_name} and {@code model_author} in the place of <code>{{NAME}}</code> and <code>{{AUTHOR}}</code>,
 * in every file.
 */
final class Placeholders {
    private final List<Placeholder> placeholders;

    Placeholders(Optional<String> modelName, Optional<String> modelAuthor) {
        placeholders = List.of(
                new Placeholder("{{NAME}}", "model_name", modelName),
                new Placeholder("{{AUTHOR}}", "model_author", modelAuthor));
    }

    DatasetRow fill(DatasetRow row) throws RowException {
        var turns = new ArrayList<Turn>(row.turns().size());
        for (Turn turn : row.turns()) {
            String text = turn.message().content();
            for (Placeholder placeholder : placeholders) {
                text = placeholder.fill(text);
            }
            for (Placeholder placeholder : placeholders) {
                placeholder.refuse(turn.message().toolCalls(), "a call of a tool");
            }
            turns.add(turn.with(text));
        }
        for (Placeholder placeholder : placeholders) {
            placeholder.refuse(row.tools(), "the definition of a tool");
        }
        return new DatasetRow(row.source(), turns, row.tools());
    }

    /** Settings that were given and that no row had a place for. */
    List<String> unused() {
        return placeholders.stream()
                .filter(placeholder -> placeholder.value.isPresent() && !placeholder.used)
                .map(placeholder -> "%s: no row says %s".formatted(placeholder.setting, placeholder.mark))
                .toList();
    }

    private static final class Placeholder {
        private final String mark;
        private final String setting;
        private final Optional<String> value;
        private boolean used;

        Placeholder(String mark, String setting, Optional<String> value) {
            this.mark = mark;
            this.setting = setting;
            this.value = value;
        }

        void refuse(List<?> said, String what) throws RowException {
            if (!said.isEmpty() && said.toString().contains(mark)) {
                throw new RowException("says %s in %s, where it is not replaced".formatted(mark, what));
            }
        }

        String fill(String text) throws RowException {
            if (!text.contains(mark)) {
                return text;
            }
            used = true;
            return text.replace(
                    mark,
                    value.orElseThrow(() ->
                            new RowException("says %s, and the job sets no %s to put there".formatted(mark, setting))));
        }
    }
}
