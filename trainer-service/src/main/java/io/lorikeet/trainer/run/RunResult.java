package io.lorikeet.trainer.run;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.TrainingSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How a run ended. */
public sealed interface RunResult {

    /**
     * Trained to the end.
     *
     * @param checkpoint the last checkpoint's folder
     * @param event what would make it served; empty for train_type full, which makes no adapter
     * @param answers to the acceptance questions
     */
    record Finished(
            Path checkpoint, Optional<CheckpointEvent> event, List<AcceptanceAnswer> answers, TrainingSummary summary)
            implements RunResult {
        /** Whether every acceptance question passed. */
        public boolean accepted() {
            return answers.stream().allMatch(AcceptanceAnswer::passed);
        }
    }

    /**
     * Stopped for good after this step; checkpoints stay.
     *
     * @param checkpoint the last one
     */
    record Cancelled(int step, Optional<Path> checkpoint) implements RunResult {}

    /** A dry run: nothing was trained. */
    record Validated(DryRunReport report) implements RunResult {}

    /** Stopped for now, its state in a checkpoint. */
    record Interrupted(int step) implements RunResult {}
}
