package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;

/**
 * What happened to a job, on {@link Topics#EVENTS}. Unknown fields are ignored when read; what is known is checked whole,
 * so that an event that exists can be believed.
 */
@JsonPropertyOrder("schema_version")
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(name = "queued", value = TrainingEvent.Queued.class),
    @JsonSubTypes.Type(name = "started", value = TrainingEvent.Started.class),
    @JsonSubTypes.Type(name = "progress", value = TrainingEvent.Progress.class),
    @JsonSubTypes.Type(name = "checkpoint_saved", value = TrainingEvent.CheckpointSaved.class),
    @JsonSubTypes.Type(name = "evaluated", value = TrainingEvent.Evaluated.class),
    @JsonSubTypes.Type(name = "accepted", value = TrainingEvent.Accepted.class),
    @JsonSubTypes.Type(name = "rejected", value = TrainingEvent.Rejected.class),
    @JsonSubTypes.Type(name = "succeeded", value = TrainingEvent.Succeeded.class),
    @JsonSubTypes.Type(name = "failed", value = TrainingEvent.Failed.class),
    @JsonSubTypes.Type(name = "cancelled", value = TrainingEvent.Cancelled.class),
    @JsonSubTypes.Type(name = "validated", value = TrainingEvent.Validated.class)
})
public sealed interface TrainingEvent extends Message {
    String jobId();

    /** Null only where a broken command did not name one. */
    String adapter();

    Instant time();

    @Override
    default String key() {
        return jobId();
    }

    @JsonProperty(value = "schema_version", access = JsonProperty.Access.READ_ONLY)
    default int schemaVersion() {
        return 1;
    }

    /** Whether the job ends with this event. */
    default boolean last() {
        return switch (this) {
            case Succeeded _, Failed _, Cancelled _, Validated _ -> true;
            case Queued _, Started _, Progress _, CheckpointSaved _, Evaluated _, Accepted _, Rejected _ -> false;
        };
    }

    /**
     * The command is on the topic.
     *
     * @param commandDigest {@link TrainCommand#digest()}, which tells a repeated command from another one under the
     *     same job id; null if not known
     * @param requestedBy name of the API key that it was sent with; null if there was none
     */
    record Queued(String jobId, String adapter, Instant time, String commandDigest, String requestedBy)
            implements TrainingEvent {
        /** Nobody's in particular. */
        public Queued(String jobId, String adapter, Instant time, String commandDigest) {
            this(jobId, adapter, time, commandDigest, null);
        }

        public Queued {
            Checks.event(jobId, adapter, time);
        }

        /** The same, sent with a key of this name. */
        public Queued by(String key) {
            return new Queued(jobId, adapter, time, commandDigest, key);
        }
    }

    /**
     * A trainer has read the data and begins.
     *
     * @param resumedFromStep null if it begins at the beginning
     * @param dataset the files that the rows come from
     * @param warnings what the command asks for and this run cannot put to use, and what else a person should know
     * @param failures how each try before this one failed, {@code try N, where: reason}; empty at the first
     */
    record Started(
            String jobId,
            String adapter,
            Instant time,
            BaseModel baseModel,
            int maxSteps,
            long trainableParameters,
            int rowsKept,
            int rowsDropped,
            Integer resumedFromStep,
            List<DatasetFile> dataset,
            List<String> warnings,
            List<String> failures)
            implements TrainingEvent {
        /** A first try. */
        public Started(
                String jobId,
                String adapter,
                Instant time,
                BaseModel baseModel,
                int maxSteps,
                long trainableParameters,
                int rowsKept,
                int rowsDropped,
                Integer resumedFromStep,
                List<DatasetFile> dataset,
                List<String> warnings) {
            this(
                    jobId,
                    adapter,
                    time,
                    baseModel,
                    maxSteps,
                    trainableParameters,
                    rowsKept,
                    rowsDropped,
                    resumedFromStep,
                    dataset,
                    warnings,
                    List.of());
        }

        /** The same after tries that failed. */
        public Started after(List<String> failed) {
            return new Started(
                    jobId,
                    adapter,
                    time,
                    baseModel,
                    maxSteps,
                    trainableParameters,
                    rowsKept,
                    rowsDropped,
                    resumedFromStep,
                    dataset,
                    warnings,
                    failed);
        }

        public Started {
            Checks.event(jobId, adapter, time);
            Checks.present("base_model", baseModel);
            Checks.atLeast("max_steps", maxSteps, 0);
            Checks.atLeast("trainable_parameters", trainableParameters, 0);
            Checks.atLeast("rows_kept", rowsKept, 0);
            Checks.atLeast("rows_dropped", rowsDropped, 0);
            Checks.atLeast("resumed_from_step", resumedFromStep == null ? 0 : resumedFromStep, 0);
            dataset = dataset == null ? List.of() : Checks.list("dataset", dataset);
            warnings = warnings == null ? List.of() : Checks.list("warnings", warnings);
            failures = failures == null ? List.of() : Checks.list("failures", failures);
        }
    }

    /**
     * A row of logging.jsonl.
     *
     * @param globalStep optimiser steps done
     * @param elapsedTime seconds
     * @param remainingTime seconds, estimated
     * @param memory GiB in use, of the device or of the process on CPU
     * @param trainSpeed seconds an optimiser step
     */
    record Progress(
            String jobId,
            String adapter,
            Instant time,
            int globalStep,
            int maxSteps,
            double epoch,
            double loss,
            double gradNorm,
            double learningRate,
            double tokenAcc,
            double elapsedTime,
            double remainingTime,
            double memory,
            double trainSpeed)
            implements TrainingEvent {
        public Progress {
            Checks.event(jobId, adapter, time);
            Checks.atLeast("global_step", globalStep, 0);
            Checks.atLeast("max_steps", maxSteps, 0);
            Checks.notNegative("epoch", epoch);
            Checks.notNegative("elapsed_time", elapsedTime);
        }
    }

    /** A whole checkpoint folder is in place. */
    record CheckpointSaved(String jobId, String adapter, Instant time, int step, String path) implements TrainingEvent {
        public CheckpointSaved {
            Checks.event(jobId, adapter, time);
            Checks.atLeast("step", step, 0);
            Checks.present("path", path);
        }
    }

    /** The validation set was run. */
    record Evaluated(String jobId, String adapter, Instant time, int step, double evalLoss, double evalTokenAcc)
            implements TrainingEvent {
        public Evaluated {
            Checks.event(jobId, adapter, time);
            Checks.atLeast("step", step, 0);
        }
    }

    /** Every acceptance question passed. */
    record Accepted(String jobId, String adapter, Instant time, List<AcceptanceAnswer> answers)
            implements TrainingEvent {
        public Accepted {
            Checks.event(jobId, adapter, time);
            answers = Checks.list("answers", answers);
        }
    }

    /** At least one acceptance question failed. */
    record Rejected(String jobId, String adapter, Instant time, List<AcceptanceAnswer> answers)
            implements TrainingEvent {
        public Rejected {
            Checks.event(jobId, adapter, time);
            answers = Checks.list("answers", answers);
        }
    }

    /**
     * Trained. The checkpoint is here even if it is not served, so that it can be promoted later.
     *
     * @param checkpoint null for a run that made no adapter (train_type full)
     * @param promoted whether it went on {@link Topics#CHECKPOINTS}
     * @param deleted true where the result is told once more, because its files have been deleted; else null
     */
    record Succeeded(
            String jobId,
            String adapter,
            Instant time,
            CheckpointEvent checkpoint,
            boolean promoted,
            TrainingSummary summary,
            Boolean deleted)
            implements TrainingEvent {
        /** A result that is there. */
        public Succeeded(
                String jobId,
                String adapter,
                Instant time,
                CheckpointEvent checkpoint,
                boolean promoted,
                TrainingSummary summary) {
            this(jobId, adapter, time, checkpoint, promoted, summary, null);
        }

        public Succeeded {
            Checks.event(jobId, adapter, time);
            deleted = Boolean.TRUE.equals(deleted) ? true : null;
        }
    }

    /**
     * Ended without a result.
     *
     * @param reason what was wrong and what would be right
     * @param causeClass class of the exception
     * @param retryable whether the same command could succeed another time
     * @param where phase of the job, e.g. {@code dataset}, {@code training}, {@code acceptance}
     */
    record Failed(
            String jobId,
            String adapter,
            Instant time,
            String reason,
            String causeClass,
            boolean retryable,
            String where)
            implements TrainingEvent {
        public Failed {
            Checks.matches("job_id", jobId, TrainCommand.JOB_ID);
            if (adapter != null) {
                Checks.matches("adapter", adapter, TrainCommand.ADAPTER);
            }
            Checks.present("time", time);
            Checks.present("reason", reason);
        }
    }

    /**
     * Stopped by a cancel command.
     *
     * @param step the last optimiser step done
     * @param checkpoint folder of the last checkpoint, which is kept; null if none was saved yet
     */
    record Cancelled(String jobId, String adapter, Instant time, int step, String checkpoint) implements TrainingEvent {
        public Cancelled {
            Checks.event(jobId, adapter, time);
            Checks.atLeast("step", step, 0);
        }
    }

    /** A dry run is over: the data was read and checked, nothing was trained. */
    record Validated(String jobId, String adapter, Instant time, DryRunReport report) implements TrainingEvent {
        public Validated {
            Checks.event(jobId, adapter, time);
            Checks.present("report", report);
        }
    }
}
