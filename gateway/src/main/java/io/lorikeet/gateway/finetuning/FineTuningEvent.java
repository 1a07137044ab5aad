package io.lorikeet.gateway.finetuning;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingEvent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A training event as OpenAI's API shows it.
 *
 * @param id follows from the event, so every gateway has the same
 * @param type {@code metrics} or {@code message}
 * @param data null but for metrics
 */
record FineTuningEvent(
        String id,
        String object,
        @Schema(name = "created_at") long createdAt,
        String level,
        String message,
        String type,
        Metrics data) {
    private static final int ID_BYTES = 12;

    /** A point of a curve. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "FineTuningMetrics")
    record Metrics(
            int step,
            @Schema(name = "total_steps") Integer totalSteps,
            @Schema(name = "train_loss") Double trainLoss,
            @Schema(name = "train_mean_token_accuracy") Double trainMeanTokenAccuracy,
            @Schema(name = "full_valid_loss") Double fullValidLoss,
            @Schema(name = "full_valid_mean_token_accuracy") Double fullValidMeanTokenAccuracy) {}

    private record Said(String level, String message, Metrics data) {
        static Said info(String message) {
            return new Said("info", message, null);
        }
    }

    static FineTuningEvent of(TrainingEvent event) {
        var said = said(event);
        return new FineTuningEvent(
                id(event),
                "fine_tuning.job.event",
                event.time().getEpochSecond(),
                said.level(),
                said.message(),
                said.data() == null ? "message" : "metrics",
                said.data());
    }

    private static Said said(TrainingEvent event) {
        return switch (event) {
            case TrainingEvent.Queued e -> Said.info("Created fine-tuning job: " + e.jobId());
            case TrainingEvent.Started e -> started(e);
            case TrainingEvent.Progress e ->
                new Said(
                        "info",
                        "Step %d/%d: training loss=%.4f".formatted(e.globalStep(), e.maxSteps(), e.loss()),
                        new Metrics(e.globalStep(), e.maxSteps(), e.loss(), e.tokenAcc(), null, null));
            case TrainingEvent.Evaluated e ->
                new Said(
                        "info",
                        "Step %d: full validation loss=%.4f".formatted(e.step(), e.evalLoss()),
                        new Metrics(e.step(), null, null, null, e.evalLoss(), e.evalTokenAcc()));
            case TrainingEvent.CheckpointSaved e -> Said.info("Checkpoint saved at step " + e.step());
            case TrainingEvent.Accepted _ -> Said.info("Every acceptance question was answered well");
            case TrainingEvent.Rejected _ -> new Said("warn", "An acceptance question was not answered well", null);
            case TrainingEvent.Succeeded _ -> Said.info("The job has successfully completed");
            case TrainingEvent.Failed e -> new Said("error", "The job failed: " + e.reason(), null);
            case TrainingEvent.Cancelled e -> Said.info("The job was cancelled after step " + e.step());
            case TrainingEvent.Validated _ -> Said.info("The data was read and checked");
        };
    }

    private static Said started(TrainingEvent.Started e) {
        var begins = "Fine-tuning job started: %d rows, %d steps".formatted(e.rowsKept(), e.maxSteps());
        return e.warnings().isEmpty()
                ? Said.info(begins)
                : new Said("warn", begins + "; " + String.join("; ", e.warnings()), null);
    }

    private static String id(TrainingEvent event) {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256").digest(Json.write(event));
            return "ftevent-" + HexFormat.of().formatHex(sha256, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
