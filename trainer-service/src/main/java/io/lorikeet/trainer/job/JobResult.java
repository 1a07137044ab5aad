package io.lorikeet.trainer.job;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.TrainingEvent;
import java.util.Optional;

/**
 * How a job ended, in {@code result.json} of its folder.
 *
 * @param commandDigest digest of the command that was run, to tell the same command from another under the same id
 * @param record where the command stood in Kafka, to tell a redelivery from a job that is handed in again
 * @param event the job's last event: succeeded, cancelled or failed
 * @param published whether the broker has it and, if the adapter is to be served, the checkpoint event
 */
record JobResult(String commandDigest, String record, TrainingEvent event, boolean published) {

    JobResult asPublished() {
        return new JobResult(commandDigest, record, event, true);
    }

    /** What must be on the checkpoint topic. */
    @JsonIgnore
    Optional<CheckpointEvent> promoted() {
        return event instanceof TrainingEvent.Succeeded done && done.promoted()
                ? Optional.of(done.checkpoint())
                : Optional.empty();
    }
}
