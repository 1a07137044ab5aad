package io.lorikeet.contracts.settings;

/** All settings of a run. What was not given is resolved here, so that each value stands for itself. */
public record TrainingSettings(
        RunSettings run,
        LoraSettings lora,
        OptimizerSettings optimizer,
        ScheduleSettings schedule,
        DataSettings data,
        EvaluationSettings evaluation,
        OutputSettings output) {
    public TrainingSettings {
        optimizer = optimizer.withDefaultLearningRate(
                switch (run.trainType()) {
                    case LORA -> 1e-4;
                    case FULL -> 1e-5;
                });
        evaluation = evaluation.withDefaults(output);
    }
}
