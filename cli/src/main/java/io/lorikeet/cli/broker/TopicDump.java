package io.lorikeet.cli.broker;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Backup and restore of a topic, record for record: keys, values, tombstones, headers and timestamps. */
public final class TopicDump {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private TopicDump() {}

    /** What was brought back. */
    public record Restored(String topic, long records) {}

    /**
     * Writes what is on a topic now to a file.
     *
     * @param client settings of a Kafka client: {@code bootstrap.servers}, security
     * @return how many records that is
     */
    public static long dump(Map<String, Object> client, String topic, Path file) {
        List<TopicPartition> partitions;
        try (Admin admin = Admin.create(client)) {
            partitions = partitions(admin, topic);
        }
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return DumpFile.write(file, topic, partitions.size(), sink -> {
                for (TopicPartition partition : partitions) {
                    read(consumer, partition, sink);
                }
            });
        } catch (IOException e) {
            throw new CliException(file + " cannot be written: " + e, e);
        }
    }

    private static void read(
            KafkaConsumer<byte[], byte[]> consumer,
            TopicPartition partition,
            DumpFile.Sink<ConsumerRecord<byte[], byte[]>> sink)
            throws IOException {
        var only = List.of(partition);
        consumer.assign(only);
        consumer.seekToBeginning(only);
        long end = consumer.endOffsets(only).get(partition);
        long progress = System.nanoTime();
        while (consumer.position(partition) < end) {
            long before = consumer.position(partition);
            for (var record : consumer.poll(POLL).records(partition)) {
                if (record.offset() < end) {
                    sink.take(record);
                }
            }
            if (consumer.position(partition) > before) {
                progress = System.nanoTime();
            } else if (System.nanoTime() - progress > PATIENCE.toNanos()) {
                throw new KafkaException("nothing more of " + partition + " after offset " + before + " for "
                        + PATIENCE.toSeconds() + " s; its end is " + end);
            }
        }
    }

    /**
     * Brings the records of a dump back into the topic that it is of, which must be there and empty: what is restored after
     * newer records would take their place.
     *
     * @param client as for {@link #dump}
     */
    public static Restored restore(Map<String, Object> client, Path file) {
        try {
            // all of it is looked at before anything is written
            DumpFile.Contents whole = DumpFile.read(file, _ -> {});
            try (Admin admin = Admin.create(client)) {
                requireEmpty(admin, whole);
            }
            write(client, file, whole.topic());
            return new Restored(whole.topic(), whole.records());
        } catch (IOException e) {
            throw new CliException("The dump cannot be read: " + e.getMessage(), e);
        }
    }

    private static void write(Map<String, Object> client, Path file, String topic) throws IOException {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // what is too large the topic says, which had it once
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.MAX_VALUE);
        AtomicReference<Exception> refused = new AtomicReference<>();
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            DumpFile.read(file, dumped -> {
                if (refused.get() == null) {
                    var _ = producer.send(dumped, (_, failure) -> refused.compareAndSet(null, failure));
                }
            });
            producer.flush();
        }
        if (refused.get() != null) {
            throw new CliException(
                    topic + " took only a part of the dump: " + refused.get()
                            + "; delete the topic, lay it out again and restore it anew",
                    refused.get());
        }
    }

    private static void requireEmpty(Admin admin, DumpFile.Contents whole) {
        List<TopicPartition> there = partitions(admin, whole.topic());
        if (there.size() < whole.partitions()) {
            throw new CliException("%s has %d partitions and the dump has %d; raise the topic's number to that"
                    .formatted(whole.topic(), there.size(), whole.partitions()));
        }
        long records = 0;
        for (TopicPartition partition : there) {
            records += offset(admin, partition, OffsetSpec.latest()) - offset(admin, partition, OffsetSpec.earliest());
        }
        if (records > 0) {
            throw new CliException("%s is not empty, and what is restored would come after its records and hide them;"
                            .formatted(whole.topic())
                    + " delete the topic and lay it out again with `./lorikeet topics` first");
        }
    }

    private static long offset(Admin admin, TopicPartition partition, OffsetSpec which) {
        try {
            return admin.listOffsets(Map.of(partition, which))
                    .partitionResult(partition)
                    .get()
                    .offset();
        } catch (ExecutionException e) {
            throw new KafkaException(partition + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static List<TopicPartition> partitions(Admin admin, String topic) {
        try {
            int count = admin.describeTopics(List.of(topic))
                    .topicNameValues()
                    .get(topic)
                    .get()
                    .partitions()
                    .size();
            return IntStream.range(0, count)
                    .mapToObj(number -> new TopicPartition(topic, number))
                    .toList();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new CliException(
                        "There is no topic " + topic + "; `./lorikeet topics` creates those of Lorikeet", e);
            }
            throw new KafkaException(topic + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static KafkaException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new KafkaException("interrupted", e);
    }
}
