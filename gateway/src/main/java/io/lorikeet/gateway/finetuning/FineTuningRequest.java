package io.lorikeet.gateway.finetuning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.FineTunedModel;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.http.JsonBody;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a fine-tuning job is asked to be; kept beside the files, so that the job can be shown whole later on.
 *
 * @param validationFile null: none
 * @param suffix empty: none
 */
record FineTuningRequest(
        String model,
        String trainingFile,
        String validationFile,
        String suffix,
        int seed,
        Hyperparameters hyperparameters,
        Map<String, String> metadata) {
    private static final String SUBJECT = "fine-tuning job";
    private static final String METHOD = "method";
    private static final String HYPERPARAMETERS = "hyperparameters";
    private static final String INTEGRATIONS = "integrations";
    private static final String SUPERVISED = "supervised";
    private static final int DEFAULT_SEED = 42;
    private static final int MOST_METADATA = 16;
    private static final int LONGEST_KEY = 64;
    private static final int LONGEST_VALUE = 512;

    private static final RecordShape<Fields> SHAPE = RecordShape.of(Fields.class);

    record Fields(
            @Setting(doc = "Id of the base model.", required = true)
            String model,

            @Setting(doc = "Id of a file of rows.", required = true)
            String trainingFile,

            @Setting(doc = "Id of a file of rows that are held back.")
            String validationFile,

            @Setting(doc = "A part of the result's name.", pattern = FineTunedModel.SUFFIX)
            String suffix,

            @Setting(doc = "Of the initial weights and of the rows' order.", min = 0)
            Integer seed,

            @Setting(doc = "Notes of whoever asks.") Map<String, String> metadata) {
        Fields {
            metadata = metadata == null ? Map.of() : Map.copyOf(metadata);
            if (metadata.size() > MOST_METADATA) {
                throw broken("metadata", "has " + metadata.size() + " entries", "at most " + MOST_METADATA);
            }
            metadata.forEach((key, value) -> {
                if (key.length() > LONGEST_KEY || value.length() > LONGEST_VALUE) {
                    throw broken(
                            "metadata." + Shown.name(key),
                            "is too long",
                            "keys of at most " + LONGEST_KEY + " characters, and values of " + LONGEST_VALUE);
                }
            });
        }
    }

    /**
     * Reads a body.
     *
     * @throws ContractException naming every problem
     */
    static FineTuningRequest read(byte[] body) {
        var json = JsonBody.object(body, SUBJECT, "{\"model\": …, \"training_file\": …}");
        var reader = new RecordReader(SUBJECT);
        var integrations = json.path(INTEGRATIONS);
        if (!isNothing(integrations)) {
            reader.problem(new Problem(INTEGRATIONS, "is not supported", "null, or nothing"));
        }
        var hyperparameters = hyperparameters(json, reader);
        var fields = reader.read(SHAPE, json, Set.of(METHOD, HYPERPARAMETERS, INTEGRATIONS));
        return new FineTuningRequest(
                fields.model(),
                fields.trainingFile(),
                fields.validationFile(),
                Objects.requireNonNullElse(fields.suffix(), ""),
                Objects.requireNonNullElse(fields.seed(), DEFAULT_SEED),
                hyperparameters,
                fields.metadata());
    }

    /** They may stand in two places, the older of which clients still use. */
    private static Hyperparameters hyperparameters(ObjectNode json, RecordReader reader) {
        var own = json.path(HYPERPARAMETERS);
        var ofMethod = method(json.path(METHOD), reader);
        if (!isNothing(own) && !isNothing(ofMethod)) {
            reader.problem(
                    new Problem(HYPERPARAMETERS, "stands beside method.supervised.hyperparameters", "one of the two"));
        }
        var at = isNothing(own) ? METHOD + "." + SUPERVISED + "." + HYPERPARAMETERS : HYPERPARAMETERS;
        var given = isNothing(own) ? ofMethod : own;
        if (isNothing(given)) {
            return Hyperparameters.AUTO;
        }
        if (given instanceof ObjectNode object) {
            return Hyperparameters.read(object, at, reader);
        }
        reader.problem(new Problem(at, "is no JSON object", "an object with n_epochs, batch_size, …"));
        return Hyperparameters.AUTO;
    }

    private static JsonNode method(JsonNode method, RecordReader reader) {
        var type = method.path("type");
        if (!isNothing(method) && !SUPERVISED.equals(type.textValue())) {
            reader.problem(new Problem(METHOD + ".type", "is not supported", "\"supervised\""));
        }
        for (var field : method.properties()) {
            if (!Set.of("type", SUPERVISED).contains(field.getKey()) && !isNothing(field.getValue())) {
                reader.problem(
                        new Problem(METHOD + "." + Shown.name(field.getKey()), "is not supported", "supervised"));
            }
        }
        return method.path(SUPERVISED).path(HYPERPARAMETERS);
    }

    private static boolean isNothing(JsonNode value) {
        return value.isMissingNode() || value.isNull() || (value.isContainerNode() && value.isEmpty());
    }

    private static ContractException broken(String field, String problem, String expected) {
        return new ContractException(SUBJECT, new Problem(field, problem, expected));
    }
}
