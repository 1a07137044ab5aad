package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.settings.IntervalStrategy;
import io.lorikeet.contracts.settings.ScheduleSettings;
import io.lorikeet.trainer.RunException;

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
        int maxSteps = schedule.stepLimit().orElseGet(() -> steps(schedule.numTrainEpochs() * stepsPerEpoch));
        int warmupSteps = schedule.warmupSteps() > 0
                ? schedule.warmupSteps()
                : (int) Math.ceil(schedule.warmupRatio() * maxSteps);
        return new RunPlan(rows, schedule.rowsPerStep(), stepsPerEpoch, maxSteps, warmupSteps);
    }

    private static int steps(double wanted) {
        if (wanted > Integer.MAX_VALUE) {
            throw new RunException(
                    "settings",
                    false,
                    "num_train_epochs: so many epochs of these rows are more steps than can be counted; set max_steps");
        }
        return (int) Math.ceil(wanted);
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
