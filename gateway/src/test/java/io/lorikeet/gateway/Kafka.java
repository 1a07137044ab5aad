package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingSummary;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The other side of the topics: what trainers do, and what is really there. */
public final class Kafka {
    private Kafka() {}

    /** Publishes without any headers, as a console producer does; null is a tombstone. */
    static void publish(String topic, String key, Object message) {
        publishBytes(topic, key, message == null ? null : Json.write(message));
    }

    static void publishBytes(String topic, String key, byte[] value) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", BrokerResource.running().bootstrapServers());
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, key, value)).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything on a topic under a key. */
    static List<ConsumerRecord<String, byte[]>> read(String topic, String key) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", BrokerResource.running().bootstrapServers());
        var found = new ArrayList<ConsumerRecord<String, byte[]>>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
            }
        }
        return found.stream().filter(each -> key.equals(each.key())).toList();
    }

    static String header(ConsumerRecord<?, ?> message, String name) {
        var header = message.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), UTF_8);
    }

    /** A version of an adapter. */
    public static CheckpointEvent checkpoint(String adapter, String version) {
        return checkpoint(adapter, version, List.of(new AcceptanceAnswer("q", "a", List.of("a"), List.of(), true)));
    }

    static CheckpointEvent checkpoint(String adapter, String version, List<AcceptanceAnswer> acceptance) {
        return checkpoint(adapter, version, acceptance, Instant.parse("2026-01-02T03:04:05Z"));
    }

    public static CheckpointEvent checkpoint(
            String adapter, String version, List<AcceptanceAnswer> acceptance, Instant time) {
        return new CheckpointEvent(
                adapter,
                version,
                URI.create("file:///adapters/" + adapter + "/" + version),
                List.of(new CheckpointFile("adapter_model.safetensors", "ab".repeat(32), 10)),
                new BaseModel("fledgling", "sha256:" + "cd".repeat(32)),
                8,
                32,
                false,
                false,
                List.of("q_proj"),
                null,
                acceptance,
                new TrainingSummary(40, 10, 0.1, null, 50, 1000, 9.5, 0),
                time);
    }
}
