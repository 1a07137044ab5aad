package io.lorikeet.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.TrainingSummary;
import io.lorikeet.engine.training.StepResult;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.trainer.output.TrainerState;
import io.lorikeet.trainer.plan.RunPlan;
import java.util.List;

/** Where a run stands; what a checkpoint keeps of it is its {@link TrainerState}. */
final class RunProgress {
    private final RunPlan plan;
    private final String dataSha256;
    private final double runtimeBefore;
    private final long startedAt = System.nanoTime();
    private final int firstStep;

    private int globalStep;
    private double loss;
    private long tokens;
    private int skippedSteps;
    private int skippedInARow;
    private TrainerState.SinceLog sinceLog = TrainerState.SinceLog.NONE;
    private Double bestMetric;
    private String bestModelCheckpoint;
    private int bestStep;
    private int evaluationsSinceBest;
    private Double evalLoss;

    /** At the beginning. */
    RunProgress(RunPlan plan, String dataSha256) {
        this.plan = plan;
        this.dataSha256 = dataSha256;
        this.runtimeBefore = 0;
        this.firstStep = 0;
    }

    /** Where a checkpoint left off. */
    RunProgress(RunPlan plan, String dataSha256, TrainerState state) {
        this.plan = plan;
        this.dataSha256 = dataSha256;
        this.runtimeBefore = state.totals().runtime();
        this.firstStep = state.globalStep();
        this.globalStep = state.globalStep();
        this.loss = state.totals().loss();
        this.tokens = state.totals().tokens();
        this.skippedSteps = state.totals().skippedSteps();
        this.skippedInARow = state.skippedInARow();
        this.sinceLog = state.sinceLog();
        this.bestMetric = state.bestMetric();
        this.bestModelCheckpoint = state.bestModelCheckpoint();
        this.evaluationsSinceBest = state.evaluationsSinceBest();
        this.evalLoss = state.evalLoss();
    }

    int globalStep() {
        return globalStep;
    }

    int firstStep() {
        return firstStep;
    }

    int skippedInARow() {
        return skippedInARow;
    }

    int evaluationsSinceBest() {
        return evaluationsSinceBest;
    }

    String bestModelCheckpoint() {
        return bestModelCheckpoint;
    }

    void stepped(StepResult step) {
        globalStep++;
        if (step.skipped()) {
            skippedSteps++;
            skippedInARow++;
            return;
        }
        skippedInARow = 0;
        loss += step.loss() * step.supervisedTokens();
        tokens += step.supervisedTokens();
        sinceLog = sinceLog.plus(step.loss(), step.tokenAcc());
    }

    /** Mean loss and accuracy since the last call. */
    TrainerState.SinceLog takeSinceLog() {
        var taken = sinceLog;
        sinceLog = TrainerState.SinceLog.NONE;
        return taken;
    }

    void evaluated(double metric) {
        evalLoss = metric;
        if (bestMetric == null || metric < bestMetric) {
            bestMetric = metric;
            bestStep = globalStep;
            evaluationsSinceBest = 0;
        } else {
            evaluationsSinceBest++;
        }
    }

    /** The checkpoint that is about to be written; it is the best one if this step's evaluation was. */
    void saving(String checkpoint) {
        if (bestMetric != null && bestStep == globalStep) {
            bestModelCheckpoint = checkpoint;
        }
    }

    /** Seconds since the beginning, the time of earlier processes included. */
    double runtime() {
        return runtimeBefore + sinceStart();
    }

    double secondsPerStep() {
        return sinceStart() / Math.max(1, globalStep - firstStep);
    }

    private double sinceStart() {
        return (System.nanoTime() - startedAt) / 1e9;
    }

    TrainerState state(TrainingOptions options, List<JsonNode> logHistory) {
        return new TrainerState(
                globalStep,
                plan.maxSteps(),
                plan.epoch(globalStep),
                bestMetric,
                bestModelCheckpoint,
                evaluationsSinceBest,
                evalLoss,
                new TrainerState.Totals(loss, tokens, runtime(), skippedSteps),
                sinceLog,
                skippedInARow,
                dataSha256,
                plan.rows(),
                plan.rowsPerStep(),
                options.maxTokensPerPass(),
                options.gradientCheckpointing(),
                logHistory);
    }

    TrainingSummary summary() {
        return new TrainingSummary(
                globalStep,
                plan.epoch(globalStep),
                tokens == 0 ? 0 : loss / tokens,
                evalLoss,
                plan.rows(),
                tokens,
                runtime(),
                skippedSteps);
    }
}
