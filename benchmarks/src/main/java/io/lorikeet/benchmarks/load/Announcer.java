package io.lorikeet.benchmarks.load;

import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CloudEvents;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Announces versions of adapters, and whatever else is to be on a topic. */
public final class Announcer implements AutoCloseable {
    private final KafkaProducer<String, byte[]> producer;

    public Announcer(String bootstrapServers) {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new StringSerializer(), new ByteArraySerializer());
    }

    /** Announces a version; returns when the broker has it. */
    public void publish(CheckpointEvent event) {
        var message = new ProducerRecord<>(Topics.CHECKPOINTS, event.adapter(), Json.write(event));
        CloudEvents.headers(event, "/lorikeet/benchmarks")
                .forEach((name, value) -> message.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        send(message);
    }

    /** Any message under any key; null is a tombstone. */
    public void publish(String topic, String key, String value) {
        send(new ProducerRecord<>(topic, key, value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
    }

    private void send(ProducerRecord<String, byte[]> message) {
        try {
            producer.send(message).get();
        } catch (ExecutionException e) {
            throw new CliException("the broker does not take a message: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
