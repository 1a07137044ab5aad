package io.lorikeet.trainer.run;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.settings.EvaluationSettings;
import io.lorikeet.contracts.settings.OutputSettings;
import io.lorikeet.contracts.settings.TrainingSettings;
import io.lorikeet.engine.checkpoint.Qwen2Checkpoint;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.EvalResult;
import io.lorikeet.engine.training.LearningRateSchedule;
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
        SettingsCheck.check(command);
        DurableFiles.write(setup.folder().path().resolve(Checkpoints.ARGS), Json.write(command));

        observer.phase("dataset");
        BaseModel base;
        int modelLimit;
        try (Qwen2Checkpoint checkpoint = Qwen2Checkpoint.open(setup.model())) {
            base = new BaseModel(setup.modelId(), checkpoint.fingerprint());
            modelLimit = checkpoint.config().maxPositionEmbeddings();
        }
        TrainingData data;
        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(setup.model())) {
            data = TrainingData.load(command, setup.dataRoot(), tokenizer, modelLimit);
        }
        if (!data.dropped().isEmpty()) {
            observer.dropped("max_length", data.dropped().size());
            observer.warning(TrainingData.describe(data.dropped()));
        }
        RunPlan plan = RunPlan.of(data.train().size(), settings.schedule());
        if (control.requested().isPresent()) {
            return stopped(0);
        }

        observer.phase("model");
        Optional<Resume> resume = Resume.find(setup, plan, data.sha256());
        try (TrainingSession session = TrainingSession.start(SessionOptions.of(setup))) {
            RunProgress progress =
                    resume.map(from -> from.into(session, plan)).orElseGet(() -> new RunProgress(plan, data.sha256()));
            var log = new RunLog(
                    setup.folder().path(), resume.map(Resume::logHistory).orElse(List.of()));
            observer.event(new TrainingEvent.Started(
                    command.jobId(),
                    command.adapter(),
                    Instant.now(),
                    base,
                    plan.maxSteps(),
                    session.trainableParameters(),
                    data.train().size(),
                    data.dropped().size(),
                    resume.map(from -> progress.globalStep()).orElse(null),
                    List.of()));
            return train(session, plan, data, progress, log, base);
        }
    }

    private RunResult train(
            TrainingSession session, RunPlan plan, TrainingData data, RunProgress progress, RunLog log, BaseModel base)
            throws IOException {
        var windows = new Windows(plan, settings.run().dataSeed());
        LearningRateSchedule schedule = SessionOptions.schedule(settings, plan);
        boolean over = progress.globalStep() >= plan.maxSteps();
        while (!over) {
            if (control.requested().isPresent()) {
                return stopped(session, progress, log);
            }
            observer.phase("training");
            step(
                    session,
                    windows.rows(progress.globalStep(), data.train()),
                    schedule.at(progress.globalStep()),
                    plan,
                    progress,
                    log);

            int step = progress.globalStep();
            boolean last = step == plan.maxSteps();
            boolean stoppedEarly = evaluate(session, data.validation(), plan, last, progress, log);
            over = last || stoppedEarly;
            OutputSettings output = settings.output();
            if (over || plan.due(output.saveStrategy(), output.saveSteps(), step)) {
                save(session, progress, log);
            }
        }
        Path checkpoint = setup.folder().checkpoint(progress.globalStep());
        log.finished(progress.summary(), checkpoint, progress.bestModelCheckpoint());
        List<AcceptanceAnswer> answers = new Acceptance(command, observer).ask(session);
        Optional<CheckpointEvent> event =
                switch (settings.run().trainType()) {
                    case LORA -> Optional.of(event(checkpoint, base, answers, progress));
                    case FULL -> Optional.empty();
                };
        return new RunResult.Finished(checkpoint, event, answers, progress.summary());
    }

    private void step(
            TrainingSession session,
            List<TrainingExample> window,
            double learningRate,
            RunPlan plan,
            RunProgress progress,
            RunLog log)
            throws IOException {
        long begin = System.nanoTime();
        StepResult result = session.step(window, learningRate);
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
                        "the gradient was not finite in %d steps one after the other, up to step %d; the checkpoints before are kept; a lower learning_rate may help"
                                .formatted(SKIPS_THAT_END_A_RUN, progress.globalStep()));
            }
        }
        int step = progress.globalStep();
        if (step == 1 || step == plan.maxSteps() || step % settings.output().loggingSteps() == 0) {
            logStep(result, learningRate, plan, progress, log);
        }
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

    /** Evaluates if it is due; true if the loss has not become better for as long as the job allows. */
    private boolean evaluate(
            TrainingSession session,
            List<TrainingExample> validation,
            RunPlan plan,
            boolean last,
            RunProgress progress,
            RunLog log)
            throws IOException {
        EvaluationSettings evaluation = settings.evaluation();
        int step = progress.globalStep();
        if (validation.isEmpty() || !(last || plan.due(evaluation.evalStrategy(), evaluation.evalSteps(), step))) {
            return false;
        }
        observer.phase("evaluation");
        EvalResult result = session.evaluate(validation);
        progress.evaluated(result.loss());
        var row = new TrainingEvent.Evaluated(
                command.jobId(), command.adapter(), Instant.now(), step, result.loss(), result.tokenAcc());
        log.evaluated(row, plan.epoch(step), plan.maxSteps());
        observer.event(row);
        return evaluation.earlyStopInterval() != null
                && progress.evaluationsSinceBest() >= evaluation.earlyStopInterval();
    }

    private void save(TrainingSession session, RunProgress progress, RunLog log) throws IOException {
        observer.phase("checkpoint");
        long begin = System.nanoTime();
        progress.saving(
                setup.folder().checkpoint(progress.globalStep()).getFileName().toString());
        Path checkpoint = checkpoints.save(session, progress.state(log.history()));
        observer.checkpointWritten(Duration.ofNanos(System.nanoTime() - begin));
        observer.event(new TrainingEvent.CheckpointSaved(
                command.jobId(), command.adapter(), Instant.now(), progress.globalStep(), checkpoint.toString()));
    }

    /** Between two steps someone wants the run to stop. */
    private RunResult stopped(TrainingSession session, RunProgress progress, RunLog log) throws IOException {
        boolean handedOver = control.requested().equals(Optional.of(RunControl.Stop.SHUTDOWN));
        if (handedOver && progress.globalStep() > progress.firstStep()) {
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
