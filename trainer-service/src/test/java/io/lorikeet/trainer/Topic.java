package io.lorikeet.trainer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A topic as a test looks at it: all of it, from the beginning. */
public final class Topic implements AutoCloseable {
    private final KafkaConsumer<String, String> consumer;
    private final List<ConsumerRecord<String, String>> seen = new ArrayList<>();

    public Topic(Broker broker, String name) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.assign(List.of(new TopicPartition(name, 0)));
    }

    /** Writes as a console producer would: plain text, no headers. */
    public static void send(Broker broker, String topic, String key, String value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, key, value)).get();
        }
    }

    /** Reads until there are {@code count} records that match, and returns those. */
    public List<ConsumerRecord<String, String>> await(
            Duration atMost, int count, Predicate<ConsumerRecord<String, String>> matches) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            var found = seen.stream().filter(matches).toList();
            if (found.size() >= count) {
                return found;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited %s for %d records, found %d; all: %s"
                        .formatted(
                                atMost,
                                count,
                                found.size(),
                                seen.stream().map(ConsumerRecord::value).toList()));
            }
            read(Duration.ofMillis(200));
        }
    }

    /** Everything that there is after a moment of silence. */
    public List<ConsumerRecord<String, String>> all() {
        while (read(Duration.ofSeconds(1)) > 0) {
            // there may be more
        }
        return List.copyOf(seen);
    }

    private int read(Duration timeout) {
        int before = seen.size();
        consumer.poll(timeout).forEach(seen::add);
        return seen.size() - before;
    }

    public static String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
