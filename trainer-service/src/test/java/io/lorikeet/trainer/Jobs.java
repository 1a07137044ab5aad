package io.lorikeet.trainer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Jobs as those see them who hand them in: commands go to the topic, events come back. */
final class Jobs implements AutoCloseable {
    private static final Duration SOON = Duration.ofMinutes(2);

    private final Broker broker;
    private final Topic events;

    Jobs(Broker broker) {
        this.broker = broker;
        this.events = new Topic(broker, Topics.EVENTS);
    }

    /** A small job over {@code d.json}, with these settings. */
    static String job(String id, String settings) {
        String job = """
                {"type": "train", "schema_version": 1, "job_id": "%s", "adapter": "bird-%s", "dataset": ["d.json"],
                 "per_device_train_batch_size": 2, "gradient_accumulation_steps": 1, "gradient_checkpointing": false,
                 %s}
                """.formatted(id, id, settings);
        return settings.contains("\"dataset\"") ? job.replace("\"dataset\": [\"d.json\"],", "") : job;
    }

    /** Hands in {@link #job}. */
    void train(String id, String settings) throws Exception {
        send(id, job(id, settings));
    }

    void cancel(String id) throws Exception {
        send(id, "{\"type\": \"cancel\", \"job_id\": \"%s\"}".formatted(id));
    }

    void send(String key, String value) throws Exception {
        Topic.send(broker, Topics.COMMANDS, key, value);
    }

    TrainingEvent await(String id, String type) {
        return await(id, type, 1);
    }

    /** Waits for so many events of a type; returns the last of them. */
    TrainingEvent await(String id, String type, int count) {
        return read(events.await(SOON, count, key(id).and(record -> type.equals(type(record))))
                .getLast());
    }

    List<String> types(String id) {
        return events.all().stream().filter(key(id)).map(Jobs::type).toList();
    }

    <T extends TrainingEvent> List<T> of(String id, Class<T> type) {
        return events.all().stream()
                .filter(key(id))
                .map(Jobs::read)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    static Path adapter(TrainingEvent.Succeeded done) {
        return Path.of(done.checkpoint().uri()).resolve("adapter_model.safetensors");
    }

    static Predicate<ConsumerRecord<String, String>> key(String key) {
        return record -> key.equals(record.key());
    }

    private static String type(ConsumerRecord<String, String> record) {
        JsonNode json = Json.parse(record.value().getBytes(UTF_8), "event");
        return json.path("type").asText();
    }

    private static TrainingEvent read(ConsumerRecord<String, String> record) {
        return Json.read(record.value().getBytes(UTF_8), TrainingEvent.class);
    }

    @Override
    public void close() {
        events.close();
    }
}
