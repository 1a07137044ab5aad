package io.lorikeet.trainer.job;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.queue.JobOutcome;
import io.lorikeet.trainer.run.RunResult;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How a job ended that did not fail.
 *
 * @param event its last
 */
record Ending(JobOutcome.How how, TrainingEvent event) {

    /**
     * What a run's result means for its job.
     *
     * @param kept puts a checkpoint into the store, whole, before anybody hears of it
     */
    static Ending of(TrainCommand command, RunResult result, UnaryOperator<CheckpointEvent> kept) {
        Instant now = Instant.now();
        return switch (result) {
            case RunResult.Interrupted _ -> throw new IllegalStateException("a run to be continued is not done");
            case RunResult.Cancelled(int step, Optional<Path> checkpoint) ->
                new Ending(
                        JobOutcome.How.CANCELLED,
                        new TrainingEvent.Cancelled(
                                command.jobId(),
                                command.adapter(),
                                now,
                                step,
                                checkpoint.map(Path::toString).orElse(null)));
            case RunResult.Validated(var report) ->
                new Ending(
                        JobOutcome.How.VALIDATED,
                        new TrainingEvent.Validated(command.jobId(), command.adapter(), now, report));
            case RunResult.Finished done ->
                new Ending(
                        JobOutcome.How.SUCCEEDED,
                        new TrainingEvent.Succeeded(
                                command.jobId(),
                                command.adapter(),
                                now,
                                done.event().map(kept).orElse(null),
                                promotes(command, done),
                                done.summary()));
        };
    }

    private static boolean promotes(TrainCommand command, RunResult.Finished done) {
        return done.event().isPresent()
                && switch (command.promote()) {
                    case ALWAYS -> true;
                    case NEVER -> false;
                    case IF_ACCEPTED -> done.accepted();
                };
    }
}
