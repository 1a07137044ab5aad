package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.shape.Setting;
import java.util.OptionalInt;

/** How many steps, of how many rows, at which share of the learning rate. */
public record ScheduleSettings(
        @Setting(doc = "Passes over the data.", defaultValue = "3", min = 0, aboveMin = true, max = 100_000)
        double numTrainEpochs,

        @Setting(
                doc = "Optimiser steps, instead of num_train_epochs, if greater than 0.",
                defaultValue = "-1",
                min = -1)
        int maxSteps,

        @Setting(doc = "Rows of a micro-batch.", defaultValue = "1", min = 1)
        int perDeviceTrainBatchSize,

        @Setting(doc = "Micro-batches of an optimiser step.", whenAbsent = "so many that a step sees 16 rows", min = 1)
        Integer gradientAccumulationSteps,

        @Setting(doc = "Shape of the learning rate over the steps.", defaultValue = "cosine")
        LrSchedulerType lrSchedulerType,

        @Setting(
                doc = "Share of the steps in which the learning rate rises linearly from 0.",
                defaultValue = "0",
                min = 0,
                max = 1)
        double warmupRatio,

        @Setting(doc = "The same in steps; wins over warmup_ratio if greater than 0.", defaultValue = "0", min = 0)
        int warmupSteps) {
    private static final int ROWS_OF_A_STEP = 16;

    /** A step sees no more rows than there are. */
    private static final int MOST_ROWS_OF_A_STEP = 10_000_000;

    public ScheduleSettings {
        if (gradientAccumulationSteps == null) {
            gradientAccumulationSteps = Math.max(1, Math.ceilDiv(ROWS_OF_A_STEP, perDeviceTrainBatchSize));
        }
        if ((long) perDeviceTrainBatchSize * gradientAccumulationSteps > MOST_ROWS_OF_A_STEP) {
            throw new ContractException(
                    "training command",
                    new Problem(
                            "gradient_accumulation_steps",
                            "makes a step of more than " + MOST_ROWS_OF_A_STEP + " rows",
                            "a smaller product with per_device_train_batch_size"));
        }
    }

    /** {@link #maxSteps} where it holds. */
    public OptionalInt stepLimit() {
        return maxSteps > 0 ? OptionalInt.of(maxSteps) : OptionalInt.empty();
    }

    /** Rows of an optimiser step. */
    public int rowsPerStep() {
        return perDeviceTrainBatchSize * gradientAccumulationSteps;
    }
}
