package io.lorikeet.contracts;

import java.util.Optional;

/**
 * What becomes of a training command whose job id was used before. A job id belongs to one job, whatever adapter a second
 * command names; the gateway, which knows jobs by their events, and a trainer, which knows them by its records, go by the
 * same rule.
 */
public sealed interface JobClaim {
    /** {@code where} of a failed event of a record that is no command. It is nothing to a job that has its id already. */
    String MALFORMED = "command";
    /** {@code where} of a failed event of a command that was {@link Taken}. It is nothing to the job that has the id. */
    String TAKEN = "job_id";

    /** The id is free: a job begins. */
    record Begins() implements JobClaim {}

    /** The command of a job that has failed: it goes on from its last checkpoint. */
    record TriesAgain() implements JobClaim {}

    /** The command of a job that waits or trains: once is enough. */
    record UnderWay() implements JobClaim {}

    /** The command of a job that has succeeded: its result holds. */
    record Trained() implements JobClaim {}

    /** The command of a job that was cancelled: it stays so. */
    record Cancelled() implements JobClaim {}

    /** The command of a dry run that is over: its report holds. */
    record Validated() implements JobClaim {}

    /**
     * Another command than the job's: it is refused, and the job stays as it is.
     *
     * @param why for whoever sent it
     */
    record Taken(String why) implements JobClaim {}

    /** How far a job is. */
    enum Standing {
        UNDER_WAY,
        SUCCEEDED,
        FAILED,
        CANCELLED,
        /** A dry run that is over; it leaves its id to the next command. */
        VALIDATED;

        /** How a job stands of which this is the newest event. */
        public static Standing after(TrainingEvent newest) {
            return switch (newest) {
                case TrainingEvent.Succeeded _ -> SUCCEEDED;
                case TrainingEvent.Failed _ -> FAILED;
                case TrainingEvent.Cancelled _ -> CANCELLED;
                case TrainingEvent.Validated _ -> VALIDATED;
                case TrainingEvent.Queued _,
                        TrainingEvent.Started _,
                        TrainingEvent.Progress _,
                        TrainingEvent.CheckpointSaved _,
                        TrainingEvent.Evaluated _,
                        TrainingEvent.Accepted _,
                        TrainingEvent.Rejected _ -> UNDER_WAY;
            };
        }
    }

    /**
     * A job that has the id.
     *
     * @param commandDigest {@link TrainCommand#digest()} of its command; null if that is not known, or if what came under
     *     the id was turned away and never was a job
     */
    record Known(String jobId, String commandDigest, Standing standing) {}

    /**
     * The rule.
     *
     * @param known the job that has the command's id, if there is one
     * @param commandDigest {@link TrainCommand#digest()}, which covers the adapter's name, too
     */
    static JobClaim of(Optional<Known> known, String commandDigest) {
        if (known.isEmpty()) {
            return new Begins();
        }
        Known job = known.get();
        boolean same = job.commandDigest() != null && job.commandDigest().equals(commandDigest);
        return switch (job.standing()) {
            case UNDER_WAY -> same ? new UnderWay() : taken(job);
            case SUCCEEDED -> same ? new Trained() : taken(job);
            case CANCELLED -> same ? new Cancelled() : taken(job);
            case VALIDATED -> same ? new Validated() : new Begins();
            case FAILED -> {
                if (same) {
                    yield new TriesAgain();
                }
                yield job.commandDigest() == null ? new Begins() : taken(job);
            }
        };
    }

    private static Taken taken(Known job) {
        return new Taken("job_id " + job.jobId()
                + " belongs to another command already; choose another job_id, or leave it out to have one made up");
    }
}
