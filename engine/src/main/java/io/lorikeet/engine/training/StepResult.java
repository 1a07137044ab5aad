package io.lorikeet.engine.training;

/**
 * One optimiser step.
 *
 * @param loss cross entropy a supervised token, over the whole batch
 * @param gradNorm global norm before clipping
 * @param tokenAcc part of the supervised tokens that the model put first
 * @param supervisedTokens tokens that the loss is over
 * @param tokens all tokens of the batch
 * @param microBatches forward passes that the batch took
 * @param skipped the gradient was not finite, and nothing was updated
 */
public record StepResult(
        double loss,
        double gradNorm,
        double tokenAcc,
        long supervisedTokens,
        long tokens,
        int microBatches,
        boolean skipped) {}
