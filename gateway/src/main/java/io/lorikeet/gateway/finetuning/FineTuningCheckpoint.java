package io.lorikeet.gateway.finetuning;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorikeet.contracts.TrainingEvent;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The checkpoint of a job that can be asked: its result. Those on the way there are the trainer's, to go on from. */
record FineTuningCheckpoint(
        String id,
        String object,
        @Schema(name = "created_at") long createdAt,
        @Schema(name = "fine_tuned_model_checkpoint") String fineTunedModelCheckpoint,
        @Schema(name = "fine_tuning_job_id") String fineTuningJobId,
        @Schema(name = "step_number") int stepNumber,
        Metrics metrics) {
    /** What it came to. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "FineTuningCheckpointMetrics")
    record Metrics(
            int step,
            @Schema(name = "train_loss") double trainLoss,
            @Schema(name = "full_valid_loss") Double fullValidLoss) {}

    /** What is left of a job that has succeeded. */
    static FineTuningCheckpoint of(JobNote note, TrainingEvent.Succeeded job) {
        var summary = job.summary();
        int step = summary.globalStep();
        return new FineTuningCheckpoint(
                "ftckpt-" + note.made().id() + "-" + step,
                "fine_tuning.job.checkpoint",
                job.time().getEpochSecond(),
                note.made().name(note.request().model()),
                note.id(),
                step,
                new Metrics(step, summary.trainLoss(), summary.evalLoss()));
    }
}
