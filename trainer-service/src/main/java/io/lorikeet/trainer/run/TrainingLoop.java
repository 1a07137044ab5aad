package io.lorikeet.trainer.run;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.settings.EvaluationSettings;
import io.lorikeet.contracts.settings.OutputSettings;
import io.lorikeet.contracts.settings.TrainingSettings;
import io.lorikeet.engine.training.EvalResult;
import io.lorikeet.engine.training.PreparedBatch;
import io.lorikeet.engine.training.StepResult;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.engine.training.TrainingSession;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.output.Checkpoints;
import io.lorikeet.trainer.output.Plots;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.output.RunLog;
import io.lorikeet.trainer.plan.Batches;
import io.lorikeet.trainer.plan.Preparation;
import io.lorikeet.trainer.plan.RunPlan;
import io.lorikeet.trainer.plan.RunSetup;
import io.lorikeet.trainer.run.StopSign.BrokenOff;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The steps of a run whose model is loaded: step, evaluate, save, and the acceptance questions at the end. */
final class TrainingLoop {
    private static final int SKIPS_THAT_END_A_RUN = 10;

    private final RunFolder folder;
    private final TrainCommand command;
    private final TrainingSettings settings;
    private final Preparation prepared;
    private final RunPlan plan;
    private final TrainingSession session;
    private final MemoryGuard memory;
    private final RunProgress progress;
    private final RunLog log;
    private final StopSign stop;
    private final RunObserver observer;
    private final Checkpoints checkpoints;

    TrainingLoop(
            RunSetup setup,
            Preparation prepared,
            TrainingSession session,
            MemoryGuard memory,
            RunProgress progress,
            RunLog log,
            StopSign stop,
            RunObserver observer) {
        this.folder = setup.folder();
        this.command = setup.command();
        this.settings = command.settings();
        this.prepared = prepared;
        this.plan = prepared.plan();
        this.session = session;
        this.memory = memory;
        this.progress = progress;
        this.log = log;
        this.stop = stop;
        this.observer = observer;
        this.checkpoints = new Checkpoints(folder, command);
    }

    /** Runs to the end, or to where it is stopped. */
    RunResult run() throws IOException {
        var batches = new Batches(plan, settings.run().dataSeed());
        // a run that was over when its trainer died is over
        boolean over = progress.globalStep() >= plan.maxSteps() || stopsEarly();
        try (var prefetch = new Prefetch(
                step -> session.prepare(batches.of(step, prepared.data().train())),
                progress.globalStep(),
                plan.maxSteps())) {
            while (!over) {
                if (stop.requested().isPresent()) {
                    return stopped();
                }
                try {
                    observer.phase("training");
                    step(prefetch.take());
                    evaluateIfDue();
                } catch (BrokenOff e) {
                    return stopped();
                }
                over = isLastStep() || stopsEarly();
                OutputSettings output = settings.output();
                boolean due = plan.due(output.saveStrategy(), output.saveSteps(), progress.globalStep());
                // what a step left out may come from parameters that went bad: they must not push good ones out
                if (over || (due && progress.skippedInARow() == 0)) {
                    save();
                }
            }
        }
        return finished();
    }

    private boolean isLastStep() {
        return progress.globalStep() == plan.maxSteps();
    }

    /** Whether the evaluation has not become better for as long as the job allows. */
    private boolean stopsEarly() {
        Integer patience = settings.evaluation().earlyStopInterval();
        return patience != null && progress.evaluationsSinceBest() >= patience;
    }

    private void step(PreparedBatch batch) throws IOException {
        long begin = System.nanoTime();
        double learningRate = prepared.schedule().at(progress.globalStep());
        StepResult result = memory.within(session, () -> session.step(batch, learningRate));
        progress.stepped(result);
        observer.step(new RunObserver.StepReport(
                result.skipped(),
                result.loss(),
                result.gradNorm(),
                learningRate,
                result.supervisedTokens(),
                Duration.ofNanos(System.nanoTime() - begin)));
        if (result.skipped()) {
            observer.warning("step %d left out: the gradient is not finite (loss %s)"
                    .formatted(progress.globalStep(), result.loss()));
            if (progress.skippedInARow() == SKIPS_THAT_END_A_RUN) {
                throw new RunException(
                        "training",
                        false,
                        "the gradient was not finite in %d steps one after the other, up to step %d; %s is kept; a lower learning_rate may help"
                                .formatted(SKIPS_THAT_END_A_RUN, progress.globalStep(), lastCheckpoint()));
            }
        }
        int step = progress.globalStep();
        if (step == 1 || isLastStep() || step % settings.output().loggingSteps() == 0) {
            logStep(result, learningRate);
        }
    }

    private String lastCheckpoint() throws IOException {
        return folder.latest()
                .map(checkpoint -> "the last checkpoint, " + checkpoint.path() + ",")
                .orElse("no checkpoint was saved before, so nothing");
    }

    private void logStep(StepResult result, double learningRate) throws IOException {
        var mean = progress.takeSinceLog();
        if (mean.steps() == 0) {
            return;
        }
        int step = progress.globalStep();
        var row = new TrainingEvent.Progress(
                command.jobId(),
                command.adapter(),
                Instant.now(),
                step,
                plan.maxSteps(),
                plan.epoch(step),
                mean.loss() / mean.steps(),
                result.gradNorm(),
                learningRate,
                mean.tokenAcc() / mean.steps(),
                progress.runtime(),
                progress.secondsPerStep() * (plan.maxSteps() - step),
                ProcessMemory.gibibytes(),
                progress.secondsPerStep());
        log.progress(row);
        observer.event(row);
    }

    private void evaluateIfDue() throws IOException {
        EvaluationSettings evaluation = settings.resolved().evaluation();
        List<TrainingExample> validation = prepared.data().validation();
        int step = progress.globalStep();
        boolean due = isLastStep() || plan.due(evaluation.evalStrategy(), evaluation.evalSteps(), step);
        if (validation.isEmpty() || !due) {
            return;
        }
        observer.phase("evaluation");
        // a checkpoint of this step is to hold its evaluation
        EvalResult result = stop.finishing(() -> memory.within(session, () -> session.evaluate(validation)));
        progress.evaluated(result.loss());
        var row = new TrainingEvent.Evaluated(
                command.jobId(), command.adapter(), Instant.now(), step, result.loss(), result.tokenAcc());
        log.evaluated(row, plan.epoch(step), plan.maxSteps());
        observer.event(row);
    }

    private void save() throws IOException {
        observer.phase("checkpoint");
        long begin = System.nanoTime();
        progress.saving(folder.checkpoint(progress.globalStep()).getFileName().toString());
        Path checkpoint = checkpoints.save(session, progress.state(session.options(), log.history()));
        observer.checkpointWritten(Duration.ofNanos(System.nanoTime() - begin));
        observer.event(new TrainingEvent.CheckpointSaved(
                command.jobId(), command.adapter(), Instant.now(), progress.globalStep(), checkpoint.toString()));
    }

    private void plot() {
        Plots.draw(folder.path(), log.history()).ifPresent(observer::warning);
    }

    /** Someone wants the run to stop: it is where its last whole step left it. */
    private RunResult stopped() throws IOException {
        boolean handedOver = stop.requested().equals(Optional.of(RunControl.Stop.SHUTDOWN));
        if (!handedOver) {
            plot();
        } else if (progress.globalStep() > progress.firstStep()) {
            save();
        }
        return stop.result(folder, progress.globalStep());
    }

    private RunResult finished() throws IOException {
        Path checkpoint = folder.checkpoint(progress.globalStep());
        log.finished(progress.summary(), checkpoint, progress.bestModelCheckpoint());
        plot();
        List<AcceptanceAnswer> answers;
        try {
            answers = new Acceptance(command, observer).ask(session);
        } catch (BrokenOff e) {
            return stop.result(folder, progress.globalStep());
        }
        Optional<CheckpointEvent> event =
                switch (settings.run().trainType()) {
                    case LORA -> Optional.of(event(checkpoint, answers));
                    case FULL -> Optional.empty();
                };
        return new RunResult.Finished(checkpoint, event, answers, progress.summary());
    }

    private CheckpointEvent event(Path checkpoint, List<AcceptanceAnswer> answers) throws IOException {
        var lora = settings.lora();
        return new CheckpointEvent(
                command.adapter(),
                CheckpointEvent.version(command.jobId(), progress.globalStep()),
                checkpoint.toUri(),
                Checkpoints.served(checkpoint),
                prepared.base(),
                lora.loraRank(),
                lora.loraAlpha(),
                lora.useRslora(),
                lora.useDora(),
                lora.resolvedTargetModules(),
                settings.data().system(),
                answers,
                progress.summary(),
                Instant.now());
    }
}
