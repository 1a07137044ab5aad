package io.lorikeet.gateway.training;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.http.JsonBody;
import java.util.UUID;

/** Reads a training command out of a request, which may leave out what goes without saying there. */
final class JobRequest {
    private static final String SUBJECT = "training command";

    private JobRequest() {}

    /**
     * Fills in {@code type} and {@code job_id} if they are missing.
     *
     * @throws ContractException naming every problem
     */
    static TrainCommand read(byte[] body) {
        var json = JsonBody.object(body, SUBJECT, "{\"adapter\": …, \"dataset\": …}");
        if (!json.has("type")) {
            json.put("type", "train");
        }
        if (!json.has("job_id")) {
            json.put("job_id", "job-" + UUID.randomUUID());
        }
        return switch (Json.convert(json, TrainingCommand.class)) {
            case TrainCommand train -> train;
            case io.lorikeet.contracts.CancelCommand _ ->
                throw new ContractException(
                        SUBJECT,
                        new Problem(
                                "type", "is \"cancel\"", "\"train\"; POST /v1/training/jobs/{job_id}/cancel cancels"));
        };
    }
}
