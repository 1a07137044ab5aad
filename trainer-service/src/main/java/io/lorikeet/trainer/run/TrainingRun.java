package io.lorikeet.trainer.run;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.Json;
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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One run, from a command to a trained adapter: data, session, steps, checkpoints, acceptance. */
public final class TrainingRun {
    private static final int SKIPS_THAT_END_A_RUN = 10;

    private final RunSetup setup;
    private final TrainCommand command;
    private final TrainingSettings settings;
    private final RunControl control;
    private final RunObserver observer;
    private final Checkpoints checkpoints;
    /** Set while what is under way is to end unless the run is cancelled. */
    private volatile boolean finishing;

    public TrainingRun(RunSetup setup, RunControl control, RunObserver observer) {
        this.setup = setup;
        this.command = setup.command();
        this.settings = command.settings();
        this.control = control;
        this.observer = observer;
        this.checkpoints = new Checkpoints(setup.folder(), command);
    }

    /**
     * Runs to the end, or to where the control stops it.
     *
     * @throws RunException if the run cannot go on
     * @throws io.lorikeet.trainer.dataset.DatasetException if the data is not right
     * @throws io.lorikeet.engine.EngineException if the model or the device is not
     */
    public RunResult run() throws IOException {
        observer.phase("dataset");
        if (command.dryRun()) {
            return new RunResult.Validated(dryRun(setup));
        }
        Preparation run = Preparation.of(setup);
        DurableFiles.write(setup.folder().path().resolve(Checkpoints.ARGS), Json.write(run.resolved(command)));
        run.warnings().forEach(observer::warning);
        run.data().droppedByReason().forEach(observer::dropped);
        if (control.requested().isPresent()) {
            return stopped(0);
        }

        observer.phase("model");
        var memory = new MemoryGuard(run, observer);
        try (TrainingSession session = memory.start(this::passed)) {
            RunProgress progress = run.resume()
                    .map(from -> from.into(session, run.plan()))
                    .orElseGet(() -> new RunProgress(run.plan(), run.data().sha256()));
            var log = new RunLog(
                    setup.folder().path(),
                    run.resume().map(Resume::logHistory).orElse(List.of()),
                    progress.globalStep());
            observer.event(new TrainingEvent.Started(
                    command.jobId(),
                    command.adapter(),
                    Instant.now(),
                    run.base(),
                    run.plan().maxSteps(),
                    session.trainableParameters(),
                    run.data().train().size(),
                    run.data().dropped().size(),
                    run.resume().map(from -> progress.globalStep()).orElse(null),
                    run.warnings()));
            return train(session, run, memory, progress, log);
        }
    }

    /**
     * Says what a run would do; reads the data and the model's configuration, and no weights.
     *
     * @throws RunException as {@link #run}
     */
    public static DryRunReport dryRun(RunSetup setup) throws IOException {
        return DryRun.report(Preparation.of(setup));
    }

    private RunResult train(
            TrainingSession session, Preparation run, MemoryGuard memory, RunProgress progress, RunLog log)
            throws IOException {
        RunPlan plan = run.plan();
        var windows = new Windows(plan, settings.run().dataSeed());
        // a run that was over when its trainer died is over
        boolean over = progress.globalStep() >= plan.maxSteps() || stopsEarly(progress);
        try (var prefetch = new Prefetch(
                step -> session.prepare(windows.rows(step, run.data().train())),
                progress.globalStep(),
                plan.maxSteps())) {
            while (!over) {
                if (control.requested().isPresent()) {
                    return stopped(session, progress, log);
                }
                boolean last;
                int step;
                try {
                    observer.phase("training");
                    step(session, prefetch.take(), run, memory, progress, log);
                    step = progress.globalStep();
                    last = step == plan.maxSteps();
                    evaluate(session, run, memory, last, progress, log);
                } catch (BrokenOff e) {
                    return stopped(session, progress, log);
                }
                over = last || stopsEarly(progress);
                OutputSettings output = settings.output();
                boolean due = plan.due(output.saveStrategy(), output.saveSteps(), step);
                // what a step left out may come from parameters that went bad: they must not push good ones out
                if (over || (due && progress.skippedInARow() == 0)) {
                    save(session, progress, log);
                }
            }
        }
        Path checkpoint = setup.folder().checkpoint(progress.globalStep());
        log.finished(progress.summary(), checkpoint, progress.bestModelCheckpoint());
        plot(log);
        List<AcceptanceAnswer> answers;
        try {
            answers = new Acceptance(command, observer).ask(session);
        } catch (BrokenOff e) {
            return stopped(progress.globalStep());
        }
        Optional<CheckpointEvent> event =
                switch (settings.run().trainType()) {
                    case LORA -> Optional.of(event(checkpoint, run.base(), answers, progress));
                    case FULL -> Optional.empty();
                };
        return new RunResult.Finished(checkpoint, event, answers, progress.summary());
    }

    private void step(
            TrainingSession session,
            PreparedBatch window,
            Preparation run,
            MemoryGuard memory,
            RunProgress progress,
            RunLog log)
            throws IOException {
        long begin = System.nanoTime();
        double learningRate = run.schedule().at(progress.globalStep());
        StepResult result = memory.within(session, () -> session.step(window, learningRate));
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
        if (step == 1
                || step == run.plan().maxSteps()
                || step % settings.output().loggingSteps() == 0) {
            logStep(result, learningRate, run.plan(), progress, log);
        }
    }

    private String lastCheckpoint() throws IOException {
        return setup.folder()
                .latest()
                .map(checkpoint -> "the last checkpoint, " + checkpoint.path() + ",")
                .orElse("no checkpoint was saved before, so nothing");
    }

    private void logStep(StepResult result, double learningRate, RunPlan plan, RunProgress progress, RunLog log)
            throws IOException {
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
                Memory.gibibytes(),
                progress.secondsPerStep());
        log.progress(row);
        observer.event(row);
    }

    /** Evaluates if it is due. */
    private void evaluate(
            TrainingSession session,
            Preparation run,
            MemoryGuard memory,
            boolean last,
            RunProgress progress,
            RunLog log)
            throws IOException {
        EvaluationSettings evaluation = settings.resolved().evaluation();
        List<TrainingExample> validation = run.data().validation();
        RunPlan plan = run.plan();
        int step = progress.globalStep();
        if (validation.isEmpty() || !(last || plan.due(evaluation.evalStrategy(), evaluation.evalSteps(), step))) {
            return;
        }
        observer.phase("evaluation");
        // a checkpoint of this step is to hold its evaluation, so a shutdown waits for it
        finishing = true;
        EvalResult result;
        try {
            result = memory.within(session, () -> session.evaluate(validation));
        } finally {
            finishing = false;
        }
        progress.evaluated(result.loss());
        var row = new TrainingEvent.Evaluated(
                command.jobId(), command.adapter(), Instant.now(), step, result.loss(), result.tokenAcc());
        log.evaluated(row, plan.epoch(step), plan.maxSteps());
        observer.event(row);
    }

    /** Between two passes, or two tokens of an answer: the run is alive, and someone may want it to stop. */
    private void passed(int left) {
        observer.alive();
        Optional<RunControl.Stop> stop = control.requested();
        if (left > 0 && stop.isPresent() && !(finishing && stop.get() == RunControl.Stop.SHUTDOWN)) {
            throw new BrokenOff();
        }
    }

    /** Ends a step, an evaluation or an answer in the middle; nothing of it counts. */
    private static final class BrokenOff extends RuntimeException {
        BrokenOff() {
            super(null, null, false, false);
        }
    }

    /** Whether the evaluation has not become better for as long as the job allows. */
    private boolean stopsEarly(RunProgress progress) {
        Integer patience = settings.evaluation().earlyStopInterval();
        return patience != null && progress.evaluationsSinceBest() >= patience;
    }

    private void save(TrainingSession session, RunProgress progress, RunLog log) throws IOException {
        observer.phase("checkpoint");
        long begin = System.nanoTime();
        progress.saving(
                setup.folder().checkpoint(progress.globalStep()).getFileName().toString());
        Path checkpoint = checkpoints.save(session, progress.state(session.options(), log.history()));
        observer.checkpointWritten(Duration.ofNanos(System.nanoTime() - begin));
        observer.event(new TrainingEvent.CheckpointSaved(
                command.jobId(), command.adapter(), Instant.now(), progress.globalStep(), checkpoint.toString()));
    }

    private void plot(RunLog log) {
        Plots.draw(setup.folder().path(), log.history()).ifPresent(observer::warning);
    }

    /** Someone wants the run to stop: it is where its last whole step left it. */
    private RunResult stopped(TrainingSession session, RunProgress progress, RunLog log) throws IOException {
        boolean handedOver = control.requested().equals(Optional.of(RunControl.Stop.SHUTDOWN));
        if (!handedOver) {
            plot(log);
        } else if (progress.globalStep() > progress.firstStep()) {
            save(session, progress, log);
        }
        return stopped(progress.globalStep());
    }

    private RunResult stopped(int step) throws IOException {
        return switch (control.requested().orElseThrow()) {
            case CANCEL -> new RunResult.Cancelled(step, setup.folder().latest().map(RunFolder.Checkpoint::path));
            case SHUTDOWN -> new RunResult.Interrupted(step);
        };
    }

    private CheckpointEvent event(Path checkpoint, BaseModel base, List<AcceptanceAnswer> answers, RunProgress progress)
            throws IOException {
        var lora = settings.lora();
        return new CheckpointEvent(
                command.adapter(),
                CheckpointEvent.version(command.jobId(), progress.globalStep()),
                checkpoint.toUri(),
                Checkpoints.served(checkpoint),
                base,
                lora.loraRank(),
                lora.loraAlpha(),
                lora.useRslora(),
                lora.resolvedTargetModules(),
                settings.data().system(),
                answers,
                progress.summary(),
                Instant.now());
    }
}
