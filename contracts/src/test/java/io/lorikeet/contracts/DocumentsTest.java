package io.lorikeet.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.lorikeet.contracts.settings.SettingsTable;
import io.lorikeet.contracts.shape.RecordShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the documents to the code. Two of them are made from it: {@code -Dlorikeet.write-documents=true} writes them
 * again.
 */
class DocumentsTest {
    private static final Path SCHEMAS = Path.of("src/main/resources/schema");
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(VersionFlag.V202012);

    @Test
    void theSchemaOfCommandsIsTheTableOfTheirRecords() throws IOException {
        var schema =
                Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(TrainingCommands.schema()) + "\n";

        assertIsTheDocument(SCHEMAS.resolve("training-command.json"), schema);
    }

    @Test
    void theReferenceOfSettingsIsTheTableOfTheirRecords() throws IOException {
        var command = RecordShape.of(TrainCommand.class).fields().stream()
                .filter(field -> field.owner() == TrainCommand.class)
                .toList();
        var text = """
                # Fields of a training command

                Made from the `@Setting`s of `TrainCommand`, `AcceptanceQuestion` and `TrainingSettings`. Every field stands flat in
                one JSON object, beside `"type": "train"`; `schema_version`, a whole number, is 1 and may be left out. A `cancel`
                command has a `type` and a `job_id`.

                ## What is trained

                [docs/data.md](../docs/data.md) has every form of a row, with examples. One of `dataset` and `rows` is needed.

                %s
                Each question of `acceptance`:

                %s
                ## How it is trained

                %s""".formatted(
                SettingsTable.markdown(command),
                SettingsTable.markdown(RecordShape.of(AcceptanceQuestion.class).fields()),
                SettingsTable.markdown(SettingsTable.rows()));

        assertIsTheDocument(Path.of("SETTINGS.md"), text);
    }

    private static void assertIsTheDocument(Path file, String text) throws IOException {
        if (Boolean.getBoolean("lorikeet.write-documents")) {
            Files.writeString(file, text);
        }
        assertThat(file)
                .as("mvn -pl contracts test -Dtest=DocumentsTest -Dlorikeet.write-documents=true writes it again")
                .hasContent(text.strip());
    }

    @Test
    void everySettingIsInTheSchemaWithItsAliases() {
        var properties = tree("training-command.json").at("/$defs/train/properties");

        for (var setting : SettingsTable.rows()) {
            assertThat(properties.has(setting.name())).as(setting.name()).isTrue();
            setting.aliases().forEach(alias -> assertThat(properties.has(alias)).isTrue());
        }
    }

    @ParameterizedTest
    @MethodSource("io.lorikeet.contracts.EventsTest#events")
    void everyEventFitsItsSchema(TrainingEvent event) {
        assertThat(broken("training-event.json", Json.write(event))).isEmpty();
        if (event instanceof TrainingEvent.Succeeded succeeded) {
            assertThat(broken("checkpoint-event.json", Json.write(succeeded.checkpoint())))
                    .isEmpty();
        }
    }

    @Test
    void anEventWithACanaryFitsItsSchema() {
        assertThat(broken("checkpoint-event.json", Json.write(EventsTest.WITH_CANARY)))
                .isEmpty();
    }

    @Test
    void theSchemaOfEventsNamesTheFieldsOfTheirRecords() {
        var events = tree("training-event.json").get("$defs");

        var kinds = TrainingEvent.class.getAnnotation(JsonSubTypes.class).value();
        assertThat(fields(events))
                .containsExactlyElementsOf(new TreeSet<>(
                        Arrays.stream(kinds).map(JsonSubTypes.Type::name).toList()));
        for (var kind : kinds) {
            assertNamesTheFields(events.at("/" + kind.name() + "/properties"), kind.value());
        }
        var report = events.at("/validated/properties/report/properties");
        assertNamesTheFields(report, DryRunReport.class);
        assertNamesTheFields(report.at("/dropped/items/properties"), DryRunReport.DroppedRow.class);
        assertNamesTheFields(report.at("/token_histogram/items/properties"), DryRunReport.LengthBucket.class);
        assertNamesTheFields(report.at("/memory/properties"), DryRunReport.Memory.class);
        assertNamesTheFields(report.at("/forbidden_words/items/properties"), DryRunReport.ForbiddenWord.class);
        var checkpoint = tree("checkpoint-event.json");
        assertNamesTheFields(checkpoint.get("properties"), CheckpointEvent.class);
        assertNamesTheFields(checkpoint.at("/properties/training/properties"), TrainingSummary.class);
        assertNamesTheFields(checkpoint.at("/properties/base_model/properties"), BaseModel.class);
        assertNamesTheFields(checkpoint.at("/properties/files/items/properties"), CheckpointFile.class);
        assertNamesTheFields(checkpoint.at("/$defs/answer/properties"), AcceptanceAnswer.class);
        assertNamesTheFields(checkpoint.at("/properties/decision/properties"), CanaryDecision.class);
        assertNamesTheFields(checkpoint.at("/properties/canary/properties/bounds/properties"), CanaryBounds.class);
        var replica = tree("replica-report.json").get("properties");
        assertNamesTheFields(replica, ReplicaReport.class);
        assertNamesTheFields(replica.at("/base/properties"), BaseModel.class);
        var adapter = replica.at("/adapters/items/properties");
        assertNamesTheFields(adapter, ReplicaReport.ServedAdapter.class);
        assertNamesTheFields(adapter.at("/refused/properties"), ReplicaReport.RefusedVersion.class);
    }

    private static void assertNamesTheFields(JsonNode properties, Class<?> record) {
        var named = fields(properties);
        named.removeAll(Set.of("type", "schema_version"));
        var components = new TreeSet<String>();
        for (var component : record.getRecordComponents()) {
            components.add(new SnakeCaseStrategy().translate(component.getName()));
        }
        assertThat(named).as(record.getSimpleName()).isEqualTo(components);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'train', 'job_id': 'a', 'adapter': 'b'}",
                "{'type': 'train', 'job_id': 'a', 'adapter': 'b', 'dataset': []}",
                "{'type': 'train', 'job_id': 'a', 'adapter': '/b', 'dataset': ['d']}",
                "{'type': 'train', 'job_id': 'a', 'adapter': 'b', 'dataset': ['d'], 'lora_rnak': 8}",
                "{'type': 'train', 'job_id': 'a', 'adapter': 'b', 'dataset': ['d'], 'lora_dropout': 1}",
                "{'type': 'train', 'job_id': 'a', 'adapter': 'b', 'dataset': ['d'], 'target_modules': 'lm_head'}",
                "{'type': 'train', 'job_id': 'a', 'adapter': 'b', 'dataset': ['d'], 'acceptance': [{'question': ''}]}",
                "{'type': 'train', 'schema_version': 2, 'job_id': 'a', 'adapter': 'b', 'dataset': ['d']}",
                "{'type': 'cancel'}"
            })
    void theSchemaRefusesWhatTheReaderRefuses(String command) {
        var json = command.replace('\'', '"').getBytes(UTF_8);

        assertThat(broken("training-command.json", json)).isNotEmpty();
        assertThat(refuses(json)).isTrue();
    }

    private static boolean refuses(byte[] json) {
        try {
            TrainingCommand.parse(json);
            return false;
        } catch (ContractException e) {
            return true;
        }
    }

    @Test
    void theSchemaTakesWhatTheReaderTakes() {
        var json = TrainingCommandTest.REFERENCE.getBytes(UTF_8);

        assertThat(broken("training-command.json", json)).isEmpty();
        assertThat(broken("training-command.json", Json.write(TrainingCommand.parse(json))))
                .isEmpty();
    }

    @Test
    void theAsyncApiDocumentIsOneAndKnowsEveryTopic() throws IOException {
        var document = asyncApi();
        // AsyncAPI's own schema, from npm's @asyncapi/specs 6.11.1 (Apache License 2.0)
        var schema = JsonSchemaFactory.getInstance(VersionFlag.V7)
                .getSchema(DocumentsTest.class.getResourceAsStream("/asyncapi-3.0.0.json"));

        assertThat(schema.validate(document)).isEmpty();
        assertThat(document.get("channels").findValuesAsText("address")).containsExactlyInAnyOrderElementsOf(topics());
        assertThat(document.get("operations"))
                .extracting(operation -> operation.at("/channel/$ref").asText())
                .containsExactlyInAnyOrderElementsOf(document.get("channels")
                        .propertyStream()
                        .map(channel -> "#/channels/" + channel.getKey())
                        .toList());
    }

    private static List<String> topics() {
        return Arrays.stream(Topics.class.getFields())
                .filter(field -> field.getType() == String.class)
                .map(DocumentsTest::value)
                .filter(name -> name.startsWith("lorikeet."))
                .toList();
    }

    private static String value(Field field) {
        try {
            return (String) field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theExamplesOfTheAsyncApiDocumentAreMessages() throws IOException {
        var document = asyncApi();
        var read = new HashSet<Class<?>>();

        for (var channel : document.get("channels")) {
            for (var ref : channel.get("messages").findValuesAsText("$ref")) {
                var message = document.at(ref.substring(1));
                for (var example : message.path("examples")) {
                    var json = Json.write(example.get("payload"));
                    var found = message(channel.get("address").asText(), json);
                    var schema = Path.of(message.at("/payload/$ref").asText()).getFileName();
                    assertThat(broken(schema.toString(), json)).isEmpty();
                    // what a message has no field for would be read over
                    assertThat(fields(Json.mapper().valueToTree(found))).containsAll(fields(example.get("payload")));
                    read.add(found.getClass());
                }
            }
        }
        assertThat(read)
                .contains(TrainCommand.class, CancelCommand.class, CheckpointEvent.class, ReplicaReport.class)
                .containsAll(Arrays.stream(TrainingEvent.class.getPermittedSubclasses())
                        .toList());
    }

    private static Message message(String topic, byte[] json) {
        return switch (topic) {
            case Topics.COMMANDS -> TrainingCommand.parse(json);
            case Topics.EVENTS -> Json.read(json, TrainingEvent.class);
            case Topics.CHECKPOINTS -> Json.read(json, CheckpointEvent.class);
            case Topics.REPLICAS -> Json.read(json, ReplicaReport.class);
            default -> throw new AssertionError("no message of " + topic + " is known");
        };
    }

    private static JsonNode asyncApi() throws IOException {
        return new YAMLMapper()
                .readTree(Path.of("src/main/resources/asyncapi.yaml").toFile());
    }

    private static Set<String> fields(JsonNode object) {
        var names = new TreeSet<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> broken(String schema, byte[] json) {
        var validator = FACTORY.getSchema(SCHEMAS.resolve(schema).toUri());
        return validator.validate(Json.parse(json, schema)).stream()
                .map(ValidationMessage::getMessage)
                .toList();
    }

    private static JsonNode tree(String schema) {
        try {
            return Json.mapper().readTree(SCHEMAS.resolve(schema).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
