package io.lorikeet.trainer.run;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.TrainingSettings;
import java.util.ArrayList;
import java.util.List;

/** Refuses what a command asks for and this trainer would not do. A setting is honoured or refused, never passed over. */
final class SettingsCheck {
    private SettingsCheck() {}

    /** @throws RunException naming every setting that cannot be honoured */
    static void check(TrainCommand command) {
        TrainingSettings settings = command.settings();
        List<String> refused = new ArrayList<>();
        if (command.dryRun()) {
            refused.add("dry_run: reading without training is not supported yet; leave it out");
        }
        boolean validates = settings.data().splitDatasetRatio() > 0
                || !settings.data().valDataset().isEmpty();
        if (settings.evaluation().earlyStopInterval() != null && !validates) {
            refused.add("early_stop_interval: there is nothing to evaluate; set split_dataset_ratio or val_dataset");
        }
        if (!refused.isEmpty()) {
            throw new RunException("settings", false, String.join(" | ", refused));
        }
    }
}
