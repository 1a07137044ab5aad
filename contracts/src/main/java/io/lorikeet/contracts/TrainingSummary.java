package io.lorikeet.contracts;

/**
 * A finished run in figures.
 *
 * @param trainLoss mean over the run, by supervised token
 * @param evalLoss null without a validation set
 * @param trainTokens supervised tokens seen
 * @param trainRuntime seconds
 * @param skippedSteps optimiser steps left out because the gradient was not finite
 */
public record TrainingSummary(
        int globalStep,
        double epoch,
        double trainLoss,
        Double evalLoss,
        int rows,
        long trainTokens,
        double trainRuntime,
        int skippedSteps) {
    public TrainingSummary {
        Checks.atLeast("global_step", globalStep, 0);
        Checks.notNegative("epoch", epoch);
        Checks.atLeast("rows", rows, 0);
        Checks.atLeast("train_tokens", trainTokens, 0);
        Checks.notNegative("train_runtime", trainRuntime);
        Checks.atLeast("skipped_steps", skippedSteps, 0);
    }
}
