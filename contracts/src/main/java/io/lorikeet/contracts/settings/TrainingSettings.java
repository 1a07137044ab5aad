package io.lorikeet.contracts.settings;

/** All settings of a run. */
public record TrainingSettings(
        RunSettings run,
        LoraSettings lora,
        QuantSettings quant,
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
    }

    /** What the evaluation's absent settings follow is put in their place. */
    public TrainingSettings resolved() {
        return new TrainingSettings(run, lora, quant, optimizer, schedule, data, evaluation.resolved(output), output);
    }

    /** The same with what the trainer and the model decide where a command leaves it open. */
    public TrainingSettings resolved(RunSettings decided, int maxLength) {
        return new TrainingSettings(
                decided, lora, quant, optimizer, schedule, data.within(maxLength), evaluation.resolved(output), output);
    }
}
