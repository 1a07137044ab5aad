package io.lorikeet.trainer.run;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.training.TrainingSession;
import io.lorikeet.trainer.files.DurableFiles;
import io.lorikeet.trainer.output.Checkpoints;
import io.lorikeet.trainer.output.RunLog;
import io.lorikeet.trainer.output.TrainerState;
import io.lorikeet.trainer.plan.DryRun;
import io.lorikeet.trainer.plan.Preparation;
import io.lorikeet.trainer.plan.Resume;
import io.lorikeet.trainer.plan.RunSetup;
import io.lorikeet.trainer.run.StopSign.BrokenOff;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One run, from a command to a trained adapter: data, session, steps, checkpoints, acceptance. */
public final class TrainingRun {
    private final RunSetup setup;
    private final TrainCommand command;
    private final RunControl control;
    private final RunObserver observer;

    public TrainingRun(RunSetup setup, RunControl control, RunObserver observer) {
        this.setup = setup;
        this.command = setup.command();
        this.control = control;
        this.observer = observer;
    }

    /**
     * Runs to the end, or to where the control stops it.
     *
     * @throws io.lorikeet.trainer.RunException if the run cannot go on
     * @throws io.lorikeet.trainer.dataset.DatasetException if the data is not right
     * @throws io.lorikeet.engine.EngineException if the model or the device is not
     */
    public RunResult run() throws IOException {
        observer.phase("dataset");
        var stop = new StopSign(control, observer);
        Preparation prepared;
        try {
            if (command.dryRun()) {
                return new RunResult.Validated(DryRun.of(setup, stop::alive));
            }
            prepared = Preparation.of(setup, stop::alive);
        } catch (BrokenOff e) {
            return stop.result(setup.folder(), 0);
        }
        DurableFiles.write(setup.folder().path().resolve(Checkpoints.ARGS), Json.write(prepared.resolved(command)));
        prepared.warnings().forEach(observer::warning);
        prepared.data().droppedByReason().forEach(observer::dropped);
        if (stop.requested().isPresent()) {
            return stop.result(setup.folder(), 0);
        }

        observer.phase("model");
        var memory = new MemoryGuard(prepared, observer);
        try (TrainingSession session = memory.start(stop)) {
            Optional<TrainerState> before = prepared.resume().map(Resume::state);
            prepared.resume().ifPresent(from -> load(from, session));
            RunProgress progress = before.map(state -> new RunProgress(prepared.plan(), prepared.data(), state))
                    .orElseGet(() -> new RunProgress(prepared.plan(), prepared.data()));
            var log = new RunLog(
                    setup.folder().path(),
                    before.map(TrainerState::logHistory).orElse(List.of()),
                    progress.globalStep());
            observer.event(started(prepared, session, before));
            return new TrainingLoop(setup, prepared, session, memory, progress, log, stop, observer).run();
        }
    }

    private static void load(Resume from, TrainingSession session) {
        try {
            session.loadState(from.checkpoint().resolve(Checkpoints.OPTIMIZER));
        } catch (CheckpointException e) {
            throw from.mismatch("its " + Checkpoints.OPTIMIZER + " does not fit this model and these settings", e);
        }
    }

    private TrainingEvent.Started started(
            Preparation prepared, TrainingSession session, Optional<TrainerState> before) {
        return new TrainingEvent.Started(
                command.jobId(),
                command.adapter(),
                Instant.now(),
                prepared.base(),
                prepared.plan().maxSteps(),
                session.trainableParameters(),
                prepared.data().train().size(),
                prepared.data().dropped().size(),
                before.map(TrainerState::globalStep).orElse(null),
                prepared.data().files(),
                prepared.warnings());
    }
}
