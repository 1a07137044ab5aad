package io.lorikeet.e2e;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A topic, written and read with plain Kafka clients, as any program would. */
record Topic(String bootstrapServers, String name) {

    /** Publishes and awaits the broker's acknowledgement. */
    void publish(String key, byte[] value) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers);
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(name, key, value)).get();
        } catch (ExecutionException e) {
            throw new AssertionError("not published: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("not published", e);
        }
    }

    /** Everything that is on it now. */
    List<ConsumerRecord<String, byte[]>> read() {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers);
        var partition = new TopicPartition(name, 0);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    /** All headers of a record in one text. */
    static String headers(ConsumerRecord<String, byte[]> record) {
        StringBuilder text = new StringBuilder();
        record.headers().forEach(header -> text.append(header.key())
                .append('=')
                .append(new String(header.value(), StandardCharsets.UTF_8))
                .append('\n'));
        return text.toString();
    }
}
