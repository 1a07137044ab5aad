package io.lorikeet.trainer.job;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.JobClaim.Standing;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.queue.Delivery;
import java.util.Optional;

/**
 * Whose job it is and how it ended, in {@code job.json} of its folder.
 *
 * @param commandDigest digest of the command that has the job's id
 * @param delivery which record of that command, to tell a redelivery from a job that is handed in again
 * @param event the job's last event: succeeded, cancelled, failed or validated; null while it is under way
 * @param published whether the broker has it and, if the adapter is to be served, the checkpoint event
 * @param removal whether what the job made was deleted on purpose; null if not
 */
record JobRecord(
        String jobId, String commandDigest, String delivery, TrainingEvent event, boolean published, Removal removal) {

    /** A job that begins, or begins again. */
    static JobRecord begun(TrainCommand command, Delivery delivery) {
        return new JobRecord(command.jobId(), command.digest(), delivery.id(), null, false, null);
    }

    JobRecord ended(TrainingEvent last) {
        return new JobRecord(jobId, commandDigest, delivery, last, false, removal);
    }

    JobRecord asPublished() {
        return new JobRecord(jobId, commandDigest, delivery, event, true, removal);
    }

    JobRecord removed(Removal progress) {
        return new JobRecord(jobId, commandDigest, delivery, event, published, progress);
    }

    /** Whether it is of this very record, not of another one of the same command. */
    boolean isOf(Delivery other) {
        return delivery.equals(other.id());
    }

    /** What another command under the id has to reckon with. */
    JobClaim.Known known() {
        return new JobClaim.Known(jobId, commandDigest, event == null ? Standing.UNDER_WAY : Standing.after(event));
    }

    /** The adapter that it made. */
    Optional<CheckpointEvent> checkpoint() {
        return event instanceof TrainingEvent.Succeeded done
                ? Optional.ofNullable(done.checkpoint())
                : Optional.empty();
    }

    /** What must be on the checkpoint topic. */
    Optional<CheckpointEvent> promoted() {
        return event instanceof TrainingEvent.Succeeded done && done.promoted() ? checkpoint() : Optional.empty();
    }
}
