package io.lorikeet.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.shape.JsonSchema;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.RecordWriter;
import java.util.Set;

/** Commands from and to JSON. */
final class TrainingCommands {
    static final String SUBJECT = "training command";
    private static final int SCHEMA_VERSION = 1;
    private static final RecordShape<TrainCommand> TRAIN = RecordShape.of(TrainCommand.class);
    private static final RecordShape<CancelCommand> CANCEL = RecordShape.of(CancelCommand.class);

    private TrainingCommands() {}

    static TrainingCommand read(JsonNode json) {
        var reader = new RecordReader(SUBJECT);
        if (!(json instanceof ObjectNode object)) {
            throw new ContractException(SUBJECT, new Problem("", "not a JSON object", "an object with \"type\""));
        }
        var version = object.get("schema_version");
        if (version != null && !(version.isInt() && version.intValue() == SCHEMA_VERSION)) {
            reader.problem(new Problem("schema_version", "is " + Shown.value(version), String.valueOf(SCHEMA_VERSION)));
        }
        var envelope = Set.of("type", "schema_version");
        return switch (object.path("type").asText("")) {
            case "train" -> reader.read(TRAIN, object, envelope);
            case "cancel" -> reader.read(CANCEL, object, envelope);
            default -> {
                var type = object.get("type");
                throw new ContractException(
                        SUBJECT,
                        new Problem(
                                "type",
                                type == null ? "is missing" : "is " + Shown.value(type),
                                "\"train\" or \"cancel\""));
            }
        };
    }

    static ObjectNode write(TrainingCommand command) {
        var json = JsonNodeFactory.instance.objectNode();
        switch (command) {
            case TrainCommand train -> {
                json.put("type", "train").put("schema_version", SCHEMA_VERSION);
                RecordWriter.write(TRAIN, train, json);
            }
            case CancelCommand cancel -> {
                json.put("type", "cancel").put("schema_version", SCHEMA_VERSION);
                RecordWriter.write(CANCEL, cancel, json);
            }
        }
        return json;
    }

    /** What {@link #read} takes, as JSON Schema. */
    static ObjectNode schema() {
        var schema = JsonNodeFactory.instance.objectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Training command");
        schema.put("description", "What goes on " + Topics.COMMANDS + ". Unknown fields are refused.");
        schema.putArray("oneOf").add(ref("train")).add(ref("cancel"));
        var train = envelope("train", TRAIN);
        train.putArray("anyOf").add(notEmpty("dataset")).add(notEmpty("rows"));
        schema.putObject("$defs").<ObjectNode>set("train", train).set("cancel", envelope("cancel", CANCEL));
        return schema;
    }

    private static ObjectNode ref(String definition) {
        return JsonNodeFactory.instance.objectNode().put("$ref", "#/$defs/" + definition);
    }

    private static ObjectNode envelope(String type, RecordShape<?> shape) {
        var schema = JsonSchema.of(shape);
        var properties = (ObjectNode) schema.get("properties");
        properties.putObject("type").put("const", type);
        properties.putObject("schema_version").put("const", SCHEMA_VERSION);
        schema.withArray("required").insert(0, "type");
        return schema;
    }

    /** At least one element under the name. */
    private static ObjectNode notEmpty(String list) {
        var schema = JsonNodeFactory.instance.objectNode();
        schema.putArray("required").add(list);
        schema.putObject("properties").putObject(list).put("minItems", 1);
        return schema;
    }
}
