package io.lorikeet.inference.testing;

import io.lorikeet.badrecords.BadRecord;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CloudEvents;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes to the checkpoint topic, and waits for the broker's word. */
public final class CheckpointProducer implements AutoCloseable {
    private final KafkaProducer<String, byte[]> producer;

    public CheckpointProducer(String bootstrapServers) {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new StringSerializer(), new ByteArraySerializer());
    }

    public void publish(CheckpointEvent event) {
        var checkpoint = new ProducerRecord<>(Topics.CHECKPOINTS, event.adapter(), Json.write(event));
        CloudEvents.headers(event, "/lorikeet/test")
                .forEach((name, value) -> checkpoint.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        send(checkpoint);
    }

    /** Any record, such as a console producer sends; a null value is a tombstone. */
    public void publish(String key, String value) {
        send(new ProducerRecord<>(
                Topics.CHECKPOINTS, key, value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
    }

    /** Every value that no reader can read, under a name, in turn with others that are none. */
    public int publishBadRecords(String name) {
        var keys = List.of(name, "\u0000", "../" + name);
        var values = BadRecord.values();
        for (int i = 0; i < values.size(); i++) {
            var bad = new ProducerRecord<>(Topics.CHECKPOINTS, keys.get(i % keys.size()), values.get(i));
            bad.headers().add("ce_type", null).add("", new byte[] {(byte) 0xff});
            send(bad);
        }
        return values.size();
    }

    private void send(ProducerRecord<String, byte[]> checkpoint) {
        try {
            producer.send(checkpoint).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
