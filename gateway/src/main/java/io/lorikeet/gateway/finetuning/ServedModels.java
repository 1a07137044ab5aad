package io.lorikeet.gateway.finetuning;

import io.lorikeet.gateway.inference.InferenceClient;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether what a job has made can be asked. A client asks as soon as it reads that the job has succeeded, and a replica
 * takes a moment to load an adapter; so a job counts as running until then, or until that moment is long over.
 */
@ApplicationScoped
class ServedModels {
    private static final Duration LOADING = Duration.ofSeconds(60);

    private final InferenceClient inference;

    ServedModels(InferenceClient inference) {
        this.inference = inference;
    }

    /** The job as it is to be shown. */
    FineTuningJob shown(FineTuningJob job) {
        return job.fineTunedModel() == null || !isRecent(job) || answers(job.fineTunedModel())
                ? job
                : job.stillRunning();
    }

    private static boolean isRecent(FineTuningJob job) {
        return job.finishedAt() != null
                && Instant.ofEpochSecond(job.finishedAt()).plus(LOADING).isAfter(Instant.now());
    }

    private boolean answers(String model) {
        var path =
                "/v1/models/" + URLEncoder.encode(model, StandardCharsets.UTF_8).replace("+", "%20");
        return inference
                .get(path)
                .invoke(answer -> answer.cancel())
                .map(answer -> answer.ok())
                .onFailure()
                .recoverWithUni(_ -> Uni.createFrom().item(false))
                .await()
                .indefinitely();
    }
}
