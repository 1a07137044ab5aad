package io.lorikeet.trainer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.Qwen2Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged trainer, as it is started in production, against a real broker, on a real model of two layers. */
class TrainerServiceIT {
    private static final Duration SOON = Duration.ofMinutes(2);

    @TempDir
    static Path shared;

    private static Broker broker;
    private static Path model;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Topic events;

    @BeforeAll
    static void start() throws Exception {
        broker = Broker.start(shared.resolve("broker"), Duration.ofSeconds(15));
        model = TinyModel.write(shared.resolve("model"));
        Files.writeString(shared.resolve("d.json"), """
                [{"query": "who", "response": "a bird"}, {"query": "what", "response": "a song"},
                 {"query": "where", "response": "a tree"}, {"query": "when", "response": "at dawn"}]
                """);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void open() {
        events = new Topic(broker, Topics.EVENTS);
        opened.add(events);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    @Test
    void aCommandDeliveredTwiceTrainsOnceAndItsCheckpointIsAnnouncedWithDigests() throws Exception {
        TrainerProcess trainer = trainer().awaitReady();
        String job = job(
                "once",
                "\"max_steps\": 20, \"acceptance\": [{\"question\": \"who\", \"must_not_contain\": [\"阿里云\"]}]");
        send("once", job);
        send("once", job);
        await("once", "succeeded");
        send("after", job("after", "\"max_steps\": 1, \"promote\": \"never\""));
        await("after", "succeeded");

        assertThat(types("once"))
                .containsExactly(
                        "started",
                        "progress",
                        "progress",
                        "progress",
                        "progress",
                        "progress",
                        "checkpoint_saved",
                        "accepted",
                        "succeeded");
        try (var checkpoints = new Topic(broker, Topics.CHECKPOINTS)) {
            var announced = checkpoints.all().stream()
                    .map(record -> Json.read(record.value().getBytes(UTF_8), CheckpointEvent.class))
                    .toList();
            assertThat(announced).extracting(CheckpointEvent::version).containsExactly("once@20");
            CheckpointEvent event = announced.getFirst();
            Path folder = Path.of(event.uri());
            for (CheckpointFile file : event.files()) {
                byte[] bytes = Files.readAllBytes(folder.resolve(file.name()));
                assertThat(file.size()).isEqualTo(bytes.length);
                assertThat(file.sha256())
                        .isEqualTo(HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
            }
            try (Qwen2Checkpoint base = Qwen2Checkpoint.open(model)) {
                assertThat(event.baseModel().fingerprint()).isEqualTo(base.fingerprint());
                assertThat(PeftAdapter.read(folder, base.config()).config().r()).isEqualTo(event.r());
            }
            assertThat(Topic.header(checkpoints.all().getFirst(), "ce_type")).isEqualTo("io.lorikeet.checkpoint");
        }
        assertThat(trainer.body("/q/metrics"))
                .contains("lorikeet_training_steps_total 21.0")
                .contains("lorikeet_training_jobs_total{state=\"succeeded\"} 2.0")
                .contains("lorikeet_training_jobs_total{state=\"duplicate\"} 1.0")
                .contains("lorikeet_training_step_seconds_bucket")
                .contains("lorikeet_training_checkpoint_write_seconds_count 2.0")
                .contains("lorikeet_training_loss ")
                .contains("lorikeet_training_learning_rate ");
        assertThat(trainer.body("/q/health/live")).contains("\"status\": \"UP\"");
    }

    @Test
    void whatCannotBeTrainedSaysWhyAndTheNextCommandTrains() throws Exception {
        trainer();
        send("typo", job("typo", "\"max_stps\": 1"));
        send("nodata", job("nodata", "\"max_steps\": 1, \"dataset\": [\"none.json\"]"));
        send("fine", job("fine", "\"max_steps\": 1, \"promote\": \"never\""));
        await("fine", "succeeded");

        var typo = (TrainingEvent.Failed) await("typo", "failed");
        assertThat(typo.reason()).contains("max_stps").contains("max_steps");
        var nodata = (TrainingEvent.Failed) await("nodata", "failed");
        assertThat(nodata.reason()).startsWith("dataset 'none.json' not found");
        assertThat(nodata.where()).isEqualTo("dataset");
        assertThat(nodata.retryable()).isFalse();
        try (var letters = new Topic(broker, Topics.COMMANDS_DLQ)) {
            var letter = letters.await(SOON, 1, key("nodata")).getFirst();
            assertThat(Topic.header(letter, "lorikeet-error-reason")).isEqualTo(nodata.reason());
            letters.await(SOON, 1, key("typo"));
        }
    }

    @Test
    void aTrainerThatIsKilledIsContinuedByAnotherToTheSameAdapter() throws Exception {
        String settings = "\"max_steps\": 400, \"save_steps\": 10, \"lora_dropout\": 0.1, \"promote\": \"never\"";
        TrainerProcess first = trainer().awaitReady();
        send("whole", job("whole", settings));
        var whole = (TrainingEvent.Succeeded) await("whole", "succeeded");

        send("killed", job("killed", settings));
        await("killed", "checkpoint_saved");
        first.killHard();
        trainer();
        var killed = (TrainingEvent.Succeeded) await("killed", "succeeded");

        var started = of("killed", TrainingEvent.Started.class);
        assertThat(started).hasSize(2);
        assertThat(started.getLast().resumedFromStep()).isBetween(10, 390);
        assertThat(adapter(killed)).hasSameBinaryContentAs(adapter(whole));
    }

    @Test
    void aTrainerThatIsAskedToStopSavesAndHandsOver() throws Exception {
        TrainerProcess first = trainer().awaitReady();
        send("handed", job("handed", "\"max_steps\": 3000, \"save_steps\": 10000, \"promote\": \"never\""));
        await("handed", "started");
        Thread.sleep(1_000);

        assertThat(first.stop()).isIn(0, 143);
        trainer();
        events.await(SOON, 2, key("handed").and(type("started")));
        send("handed", "{\"type\": \"cancel\", \"job_id\": \"handed\"}");
        var cancelled = (TrainingEvent.Cancelled) await("handed", "cancelled");

        int resumed = of("handed", TrainingEvent.Started.class).getLast().resumedFromStep();
        assertThat(resumed).isPositive();
        assertThat(cancelled.step()).isBetween(resumed, 2999);
    }

    @Test
    void aWrongModelIsOneClearLineAndAnExitCode() throws Exception {
        var trainer = new TrainerProcess(broker, shared.resolve("work"), shared.resolve("nowhere"), shared);
        opened.add(trainer);

        assertThat(trainer.awaitExit()).isEqualTo(1);
        assertThat(trainer.log()).contains("lorikeet.model: ").contains("nowhere");
    }

    private TrainerProcess trainer() throws Exception {
        var trainer = new TrainerProcess(broker, shared.resolve("work"), model, shared);
        opened.add(trainer);
        return trainer;
    }

    private static String job(String id, String settings) {
        String job = """
                {"type": "train", "schema_version": 1, "job_id": "%s", "adapter": "bird-%s", "dataset": ["d.json"],
                 "per_device_train_batch_size": 2, "gradient_accumulation_steps": 1, "gradient_checkpointing": false,
                 %s}
                """.formatted(id, id, settings);
        return settings.contains("\"dataset\"") ? job.replace("\"dataset\": [\"d.json\"],", "") : job;
    }

    private static void send(String key, String value) throws Exception {
        Topic.send(broker, Topics.COMMANDS, key, value);
    }

    private TrainingEvent await(String jobId, String type) {
        return read(events.await(SOON, 1, key(jobId).and(type(type))).getFirst());
    }

    private List<String> types(String jobId) {
        return events.all().stream()
                .filter(key(jobId))
                .map(TrainerServiceIT::type)
                .toList();
    }

    private <T extends TrainingEvent> List<T> of(String jobId, Class<T> type) {
        return events.all().stream()
                .filter(key(jobId))
                .map(TrainerServiceIT::read)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private static Path adapter(TrainingEvent.Succeeded done) {
        return Path.of(done.checkpoint().uri()).resolve("adapter_model.safetensors");
    }

    private static Predicate<ConsumerRecord<String, String>> key(String key) {
        return record -> key.equals(record.key());
    }

    private static Predicate<ConsumerRecord<String, String>> type(String type) {
        return record -> type.equals(type(record));
    }

    private static String type(ConsumerRecord<String, String> record) {
        JsonNode json = Json.parse(record.value().getBytes(UTF_8), "event");
        return json.path("type").asText();
    }

    private static TrainingEvent read(ConsumerRecord<String, String> record) {
        return Json.read(record.value().getBytes(UTF_8), TrainingEvent.class);
    }
}
