package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.settings.IntervalStrategy;
import io.lorikeet.contracts.settings.ScheduleSettings;

/**
 * How many steps a run has, of which rows each.
 *
 * @param rows rows to train on
 * @param rowsPerStep batch size times accumulation; an epoch's last step may have fewer
 * @param stepsPerEpoch {@code ceil(rows / rowsPerStep)}
 * @param maxSteps {@code ceil(epochs · stepsPerEpoch)}, or what the job sets
 * @param warmupSteps steps in which the learning rate rises
 */
public record RunPlan(int rows, int rowsPerStep, int stepsPerEpoch, int maxSteps, int warmupSteps) {

    static RunPlan of(int rows, ScheduleSettings schedule) {
        int stepsPerEpoch = Math.ceilDiv(rows, schedule.rowsPerStep());
        int maxSteps = schedule.stepLimit().orElseGet(() -> (int) Math.ceil(schedule.numTrainEpochs() * stepsPerEpoch));
        int warmupSteps = schedule.warmupSteps() > 0
                ? schedule.warmupSteps()
                : (int) Math.ceil(schedule.warmupRatio() * maxSteps);
        return new RunPlan(rows, schedule.rowsPerStep(), stepsPerEpoch, maxSteps, warmupSteps);
    }

    /** Epochs done after this many steps. */
    public double epoch(int steps) {
        return (double) steps / stepsPerEpoch;
    }

    /** Whether something with this strategy is due after this many steps. */
    public boolean due(IntervalStrategy strategy, int every, int steps) {
        return switch (strategy) {
            case NO -> false;
            case STEPS -> steps % every == 0;
            case EPOCH -> steps % stepsPerEpoch == 0;
        };
    }
}
