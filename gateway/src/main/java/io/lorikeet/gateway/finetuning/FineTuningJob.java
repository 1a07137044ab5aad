package io.lorikeet.gateway.finetuning;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorikeet.contracts.FineTunedModel;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.training.JobStatus;
import io.lorikeet.gateway.training.JobView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A training job as OpenAI's API shows it. Times are seconds since 1970.
 *
 * @param fineTunedModel what to ask for; null until the job has succeeded
 * @param error null unless it has failed
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record FineTuningJob(
        String id,
        String object,
        String model,
        @Schema(name = "created_at") long createdAt,
        @Schema(name = "finished_at") Long finishedAt,
        @Schema(name = "estimated_finish") Long estimatedFinish,
        @Schema(name = "fine_tuned_model") String fineTunedModel,
        @Schema(name = "organization_id") String organizationId,
        String status,
        @Schema(name = "training_file") String trainingFile,
        @Schema(name = "validation_file") String validationFile,
        @Schema(name = "result_files") List<String> resultFiles,
        @Schema(name = "trained_tokens") Long trainedTokens,
        Failure error,
        int seed,
        Hyperparameters hyperparameters,
        Method method,
        List<String> integrations,
        Map<String, String> metadata) {
    /** Why there is no result. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @Schema(name = "FineTuningFailure")
    record Failure(String code, String message, String param) {}

    /** How it learns. */
    @Schema(name = "FineTuningMethod")
    record Method(String type, Supervised supervised) {}

    /** With which knobs. */
    @Schema(name = "FineTuningSupervised")
    record Supervised(Hyperparameters hyperparameters) {}

    /** How far it is. */
    private record State(
            String status, Long finishedAt, Long estimatedFinish, boolean made, Long trainedTokens, Failure error) {
        static State of(String status) {
            return new State(status, null, null, false, null, null);
        }
    }

    /** The job of a training job's events. */
    static FineTuningJob of(JobNote note, JobView job) {
        return of(note, state(job));
    }

    /** One that has succeeded, when its events are gone and its adapter is not. */
    static FineTuningJob succeeded(JobNote note) {
        return of(note, new State("succeeded", null, null, true, null, null));
    }

    /** The same before clients may ask for its model. */
    FineTuningJob stillRunning() {
        return new FineTuningJob(
                id,
                object,
                model,
                createdAt,
                null,
                finishedAt,
                null,
                organizationId,
                "running",
                trainingFile,
                validationFile,
                resultFiles,
                null,
                null,
                seed,
                hyperparameters,
                method,
                integrations,
                metadata);
    }

    private static FineTuningJob of(JobNote note, State state) {
        var request = note.request();
        return new FineTuningJob(
                note.id(),
                "fine_tuning.job",
                request.model(),
                note.createdAt(),
                state.finishedAt(),
                state.estimatedFinish(),
                state.made() ? note.made().name(request.model()) : null,
                FineTunedModel.ORGANIZATION,
                state.status(),
                request.trainingFile(),
                request.validationFile(),
                List.of(),
                state.trainedTokens(),
                state.error(),
                request.seed(),
                request.hyperparameters(),
                new Method("supervised", new Supervised(request.hyperparameters())),
                List.of(),
                request.metadata());
    }

    private static State state(JobView job) {
        return switch (job.status()) {
            case JobStatus.QUEUED -> State.of("queued");
            case JobStatus.RUNNING -> new State("running", null, estimatedFinish(job), false, null, null);
            case JobStatus.SUCCEEDED, JobStatus.VALIDATED, JobStatus.FAILED, JobStatus.CANCELLED -> ended(job);
        };
    }

    private static Long estimatedFinish(JobView job) {
        var progress = job.progress();
        return progress == null ? null : (Long) seconds(progress.time().plusSeconds((long) progress.remainingTime()));
    }

    private static State ended(JobView job) {
        var finished = seconds(job.outcome().time());
        return switch (job.outcome()) {
            case TrainingEvent.Succeeded succeeded ->
                new State(
                        "succeeded",
                        finished,
                        null,
                        true,
                        Optional.ofNullable(succeeded.summary())
                                .map(summary -> summary.trainTokens())
                                .orElse(null),
                        null);
            case TrainingEvent.Failed failed -> new State("failed", finished, null, false, null, failure(failed));
            case TrainingEvent.Cancelled _,
                    TrainingEvent.Validated _,
                    TrainingEvent.Queued _,
                    TrainingEvent.Started _,
                    TrainingEvent.Progress _,
                    TrainingEvent.CheckpointSaved _,
                    TrainingEvent.Evaluated _,
                    TrainingEvent.Accepted _,
                    TrainingEvent.Rejected _ -> new State("cancelled", finished, null, false, null, null);
        };
    }

    private static Failure failure(TrainingEvent.Failed failed) {
        return "dataset".equals(failed.where())
                ? new Failure("invalid_training_file", failed.reason(), "training_file")
                : new Failure("training_failed", failed.reason(), null);
    }

    private static long seconds(Instant time) {
        return time.getEpochSecond();
    }
}
