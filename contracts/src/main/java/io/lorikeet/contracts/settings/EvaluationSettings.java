package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Setting;

/** When the validation set is run, and what follows from it. */
public record EvaluationSettings(
        @Setting(doc = "When to evaluate.", whenAbsent = "as save_strategy")
        IntervalStrategy evalStrategy,

        @Setting(doc = "Steps between evaluations.", whenAbsent = "as save_steps", min = 1)
        Integer evalSteps,

        @Setting(
                doc =
                        "Rows of a validation batch. Rows are packed by max_tokens_per_pass instead: same result, so this changes nothing.",
                defaultValue = "1",
                min = 1)
        int perDeviceEvalBatchSize,

        @Setting(doc = "Evaluations without a better loss after which training stops.", whenAbsent = "never", min = 1)
        Integer earlyStopInterval) {
    /** With what the absent ones follow. */
    EvaluationSettings resolved(OutputSettings output) {
        return new EvaluationSettings(
                evalStrategy == null ? output.saveStrategy() : evalStrategy,
                evalSteps == null ? output.saveSteps() : evalSteps,
                perDeviceEvalBatchSize,
                earlyStopInterval);
    }
}
