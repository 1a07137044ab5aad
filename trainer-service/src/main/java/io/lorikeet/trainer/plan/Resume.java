package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.files.Root;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.output.TrainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A checkpoint to go on from.
 *
 * @param own whether it is this run's own last one after a crash, and not the one that the command names
 */
public record Resume(Path checkpoint, TrainerState state, boolean own) {

    /** @throws RunException if there is one and it does not belong to this data and these settings */
    static Optional<Resume> find(RunSetup setup, RunPlan plan, String dataSha256) throws IOException {
        Optional<RunFolder.Checkpoint> own = setup.folder().latest();
        if (own.isPresent()) {
            var resume =
                    new Resume(own.get().path(), TrainerState.read(own.get().path()), true);
            resume.check(plan, dataSha256);
            return Optional.of(resume);
        }
        String name = setup.command().resumeFromCheckpoint();
        if (name == null) {
            return Optional.empty();
        }
        Root adapters = setup.roots().adapters();
        Path named = adapters.findFolder(name)
                .orElseThrow(
                        () -> new RunException("resume", false, "resume_from_checkpoint " + adapters.missing(name)));
        if (!Files.isRegularFile(named.resolve(TrainerState.FILE))) {
            throw mismatch(named, "it is no checkpoint of a run: there is no " + TrainerState.FILE + " in it");
        }
        var resume = new Resume(named, state(named), false);
        resume.check(plan, dataSha256);
        if (resume.state.globalStep() >= plan.maxSteps()) {
            throw mismatch(
                    named,
                    "it has done %d steps and the job has %d in all, so nothing would be trained; raise num_train_epochs or max_steps"
                            .formatted(resume.state.globalStep(), plan.maxSteps()));
        }
        return Optional.of(resume);
    }

    private static TrainerState state(Path named) throws IOException {
        try {
            return TrainerState.read(named);
        } catch (ContractException e) {
            throw mismatch(named, "its " + TrainerState.FILE + " is not one that this trainer wrote");
        }
    }

    private void check(RunPlan plan, String dataSha256) {
        if (!state.dataSha256().equals(dataSha256)) {
            throw mismatch(
                    checkpoint,
                    "it was trained on other data (%d rows, now %d): the dataset, its seed, the system prompt or max_length has changed"
                            .formatted(state.rows(), plan.rows()));
        }
        if (state.rowsPerStep() != plan.rowsPerStep()) {
            throw mismatch(
                    checkpoint,
                    "its steps have %d rows and the job's have %d (per_device_train_batch_size times gradient_accumulation_steps)"
                            .formatted(state.rowsPerStep(), plan.rowsPerStep()));
        }
    }

    /** What is to be said if the checkpoint turns out not to fit. */
    public RunException mismatch(String why, Exception cause) {
        return new RunException("resume", false, "cannot continue from %s: %s".formatted(checkpoint, why), cause);
    }

    private static RunException mismatch(Path checkpoint, String why) {
        return new RunException("resume", false, "cannot continue from %s: %s".formatted(checkpoint, why));
    }
}
