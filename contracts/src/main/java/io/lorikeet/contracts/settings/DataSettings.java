package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Setting;
import java.util.List;

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
                dataloaderNumWorkers);
    }

    public DataSettings {
        valDataset = List.copyOf(valDataset);
    }
}
