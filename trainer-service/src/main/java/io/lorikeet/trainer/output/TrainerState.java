package io.lorikeet.trainer.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code trainer_state.json} of a checkpoint: what a resumed run needs beside weights and optimiser. Field names that
 * transformers has are transformers'.
 *
 * @param globalStep optimiser steps done
 * @param epoch epochs done
 * @param bestMetric best evaluation loss so far
 * @param bestModelCheckpoint folder name of the checkpoint with it
 * @param evaluationsSinceBest for early stopping
 * @param evalLoss loss of the last evaluation
 * @param totals sums since the first step
 * @param sinceLog sums since the last row of the log
 * @param skippedInARow steps left out one after the other up to here
 * @param dataSha256 digest of every training row's ids and labels, in order
 * @param rows rows trained on
 * @param rowsPerStep rows of a step
 * @param maxTokensPerPass tokens of a micro-batch; dropout follows the micro-batches, so a resumed run keeps them
 * @param gradientCheckpointing whether activations were computed again
 * @param logHistory rows of logging.jsonl up to here
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainerState(
        int globalStep,
        int maxSteps,
        double epoch,
        Double bestMetric,
        String bestModelCheckpoint,
        int evaluationsSinceBest,
        Double evalLoss,
        Totals totals,
        SinceLog sinceLog,
        int skippedInARow,
        String dataSha256,
        int rows,
        int rowsPerStep,
        int maxTokensPerPass,
        boolean gradientCheckpointing,
        List<JsonNode> logHistory) {
    public static final String FILE = "trainer_state.json";

    /**
     * Sums since the first step.
     *
     * @param loss sum of the token losses
     * @param tokens supervised tokens
     * @param runtime seconds of all processes that worked on the run
     * @param skippedSteps steps left out because the gradient was not finite
     */
    public record Totals(double loss, long tokens, double runtime, int skippedSteps) {}

    /** Sums over steps, to log their means. */
    public record SinceLog(int steps, double loss, double tokenAcc) {
        public static final SinceLog NONE = new SinceLog(0, 0, 0);

        public SinceLog plus(double stepLoss, double stepTokenAcc) {
            return new SinceLog(steps + 1, loss + stepLoss, tokenAcc + stepTokenAcc);
        }
    }

    public static TrainerState read(Path checkpoint) throws IOException {
        return Json.read(Files.readAllBytes(checkpoint.resolve(FILE)), TrainerState.class);
    }
}
