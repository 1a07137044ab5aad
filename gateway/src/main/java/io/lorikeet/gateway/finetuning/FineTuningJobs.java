package io.lorikeet.gateway.finetuning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.FineTunedModel;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.files.Uploads;
import io.lorikeet.gateway.openai.ObjectId;
import io.lorikeet.gateway.training.Jobs;
import io.lorikeet.http.ApiException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Fine-tuning jobs: what was asked for, which notes beside the files say, and what became of it, which events say. A job is
 * there as long as both are, and beyond its events as long as its adapter is served.
 */
@ApplicationScoped
class FineTuningJobs {
    private static final String JOB = "ftjob-";
    private static final int ID_LENGTH = 16;

    private final Uploads uploads;
    private final Jobs jobs;
    private final AdapterCatalog adapters;

    FineTuningJobs(Uploads uploads, Jobs jobs, AdapterCatalog adapters) {
        this.uploads = uploads;
        this.jobs = jobs;
        this.adapters = adapters;
    }

    /** A new job, of which nobody knows yet. */
    static JobNote begin(FineTuningRequest request) {
        return new JobNote(ObjectId.next(JOB, ID_LENGTH), Instant.now().getEpochSecond(), request);
    }

    /** Notes what was asked for; to be done before anybody can hear of the job. */
    void keep(JobNote note) throws IOException {
        uploads.note(note.id(), note);
    }

    /**
     * What has trainers do it.
     *
     * @throws ApiException 400 if a file of it is not there
     */
    TrainCommand command(JobNote note) {
        var request = note.request();
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("type", "train")
                .put("job_id", note.id())
                .put("adapter", note.made().adapter())
                .put("seed", request.seed())
                .put("data_seed", request.seed())
                // a row that cannot be trained on is an error there, too
                .put("strict", true)
                .put("promote", "always");
        request.hyperparameters().write(json);
        json.putArray("dataset").add(file("training_file", request.trainingFile()));
        if (request.validationFile() != null) {
            json.putArray("val_dataset").add(file("validation_file", request.validationFile()));
        }
        return switch (Json.convert(json, TrainingCommand.class)) {
            case TrainCommand train -> train;
            case io.lorikeet.contracts.CancelCommand _ -> throw new IllegalStateException("a train command is one");
        };
    }

    /** Every job's id, the newest first. */
    List<String> ids() {
        return uploads.notes(JOB).stream()
                .filter(FineTunedModel::isJob)
                .toList()
                .reversed();
    }

    /** What was asked for. */
    Optional<JobNote> note(String id) {
        return FineTunedModel.isJob(id) ? uploads.noted(id, JobNote.class) : Optional.empty();
    }

    /** A job as it stands. */
    Optional<FineTuningJob> find(String id) {
        return note(id).flatMap(note -> jobs.view(id)
                .map(view -> FineTuningJob.of(note, view))
                .or(() -> adapters.serves(note.made().adapter())
                        ? Optional.of(FineTuningJob.succeeded(note))
                        : Optional.empty()));
    }

    static ApiException unknown(String id) {
        return ApiException.notFound(
                "there is no fine-tuning job " + Shown.name(id) + "; GET /v1/fine_tuning/jobs lists all");
    }

    private String file(String param, String id) {
        return uploads.find(id)
                .map(uploads::path)
                .orElseThrow(() -> ApiException.badRequest(
                        param,
                        "invalid_file",
                        param + ": there is no file " + Shown.name(id)
                                + "; expected the id that POST /v1/files answers"));
    }
}
