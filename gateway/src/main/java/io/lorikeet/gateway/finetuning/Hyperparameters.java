package io.lorikeet.gateway.finetuning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.shape.RecordReader;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * OpenAI's knobs; where a request has none, or {@code "auto"}, what the trainer does by itself.
 *
 * @param nEpochs passes over the rows
 * @param batchSize rows of an optimiser step
 * @param learningRateMultiplier times the learning rate of a command that names none
 */
@Schema(name = "FineTuningHyperparameters")
public record Hyperparameters(
        @Schema(name = "n_epochs") int nEpochs,
        @Schema(name = "batch_size") int batchSize,
        @Schema(name = "learning_rate_multiplier") double learningRateMultiplier) {
    static final Hyperparameters AUTO = new Hyperparameters(3, 16, 1);

    private static final double LEARNING_RATE = 1e-4;
    private static final int MOST = 10_000;
    private static final String EPOCHS = "n_epochs";
    private static final String BATCH = "batch_size";
    private static final String MULTIPLIER = "learning_rate_multiplier";
    private static final Set<String> NAMES = Set.of(EPOCHS, BATCH, MULTIPLIER);

    /** Reads them; what is wrong the reader hears. */
    static Hyperparameters read(ObjectNode json, String at, RecordReader reader) {
        json.fieldNames().forEachRemaining(name -> {
            if (!NAMES.contains(name)) {
                reader.problem(
                        new Problem(at + "." + name, "is not supported", EPOCHS + ", " + BATCH + " and " + MULTIPLIER));
            }
        });
        return new Hyperparameters(
                whole(json, at, EPOCHS, AUTO.nEpochs(), reader),
                whole(json, at, BATCH, AUTO.batchSize(), reader),
                number(json, at, reader));
    }

    /** As settings of a training command. */
    void write(ObjectNode command) {
        command.put("num_train_epochs", nEpochs)
                .put("per_device_train_batch_size", 1)
                .put("gradient_accumulation_steps", batchSize)
                .put("learning_rate", LEARNING_RATE * learningRateMultiplier);
    }

    private static int whole(ObjectNode json, String at, String name, int byDefault, RecordReader reader) {
        var value = json.path(name);
        if (isAuto(value)) {
            return byDefault;
        }
        if (!value.isInt() || value.intValue() < 1 || value.intValue() > MOST) {
            reader.problem(new Problem(
                    at + "." + name,
                    "is no number that it can be",
                    "a whole number from 1 to " + MOST + ", or \"auto\""));
        }
        return value.intValue();
    }

    private static double number(ObjectNode json, String at, RecordReader reader) {
        var value = json.path(MULTIPLIER);
        if (isAuto(value)) {
            return AUTO.learningRateMultiplier();
        }
        if (!value.isNumber() || !(value.doubleValue() > 0) || value.doubleValue() > MOST) {
            reader.problem(new Problem(
                    at + "." + MULTIPLIER,
                    "is no number that it can be",
                    "a number above 0 and up to " + MOST + ", or \"auto\""));
        }
        return value.doubleValue();
    }

    private static boolean isAuto(JsonNode value) {
        return value.isMissingNode() || value.isNull() || "auto".equals(value.textValue());
    }
}
