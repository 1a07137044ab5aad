package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Setting;

/** What is written, where, how often. */
public record OutputSettings(
        @Setting(doc = "Folder of the run under the adapters root.", whenAbsent = "`<adapter>/<job_id>`")
        String outputDir,

        @Setting(doc = "Steps between progress events.", defaultValue = "5", min = 1)
        int loggingSteps,

        @Setting(doc = "When to save a checkpoint; the last step is always saved.", defaultValue = "steps")
        IntervalStrategy saveStrategy,

        @Setting(doc = "Steps between checkpoints.", defaultValue = "500", min = 1)
        int saveSteps,

        @Setting(doc = "Checkpoints to keep: the best and the latest.", whenAbsent = "all", min = 1)
        Integer saveTotalLimit) {
    public OutputSettings {
        FileNames.check("output_dir", outputDir);
    }
}
