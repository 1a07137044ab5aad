package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Setting;
import java.util.List;
import java.util.Map;

/** What becomes of the rows. */
public record DataSettings(
        @Setting(doc = "Longest row in tokens, the template's included.", whenAbsent = "the model's limit", min = 1)
        Integer maxLength,

        @Setting(doc = "What happens to longer rows.", defaultValue = "delete")
        TruncationStrategy truncationStrategy,

        @Setting(
                doc = "System prompt of rows that bring none; an empty text means no system block.",
                whenAbsent = "the model's own default")
        String system,

        @Setting(doc = "Replaces {{NAME}} in rows.") String modelName,
        @Setting(doc = "Replaces {{AUTHOR}} in rows.") String modelAuthor,

        @Setting(
                doc = "Share of the rows that is held back for validation.",
                defaultValue = "0",
                min = 0,
                max = 1,
                belowMax = true)
        double splitDatasetRatio,

        @Setting(doc = "Files of validation rows.", defaultValue = "[]")
        List<String> valDataset,

        @Setting(
                doc =
                        "Refuse data with a row that cannot be trained on; else such rows are left out, counted and named.",
                defaultValue = "false")
        boolean strict,

        @Setting(
                doc =
                        "Names of the rows' keys and what each stands for, as `{\"Frage\": \"query\"}`; an empty text leaves a key out.",
                defaultValue = "{}")
        Map<String, String> columns,

        @Setting(
                doc = "Which answers are learned: `default` all, `last_round` those after the last question;"
                        + " `ignore_empty_think` learns no thought that is empty. A row's own marks go before it.",
                defaultValue = "default",
                choices = {
                    "default",
                    "last_round",
                    "ignore_empty_think",
                    "default+ignore_empty_think",
                    "last_round+ignore_empty_think"
                })
        String lossScale,

        @Setting(doc = "Threads that tokenise ahead.", defaultValue = "1", min = 0, max = 256)
        int dataloaderNumWorkers) {
    /** With this longest row. */
    DataSettings within(int length) {
        return new DataSettings(
                length,
                truncationStrategy,
                system,
                modelName,
                modelAuthor,
                splitDatasetRatio,
                valDataset,
                strict,
                columns,
                lossScale,
                dataloaderNumWorkers);
    }

    public DataSettings {
        valDataset = List.copyOf(valDataset);
        FileNames.checkData("val_dataset", valDataset);
        columns = Map.copyOf(columns);
    }
}
