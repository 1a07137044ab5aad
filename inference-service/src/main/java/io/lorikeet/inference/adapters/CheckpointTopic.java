package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What has to be known of the checkpoint topic besides its records. */
final class CheckpointTopic {
    private static final Duration POLL = Duration.ofMillis(200);
    /** All of the topic. */
    static final TopicPartition PARTITION = new TopicPartition(Topics.CHECKPOINTS, 0);

    private final Map<String, Object> connection;

    /** @param connection settings of the broker connection, {@code bootstrap.servers} among them */
    CheckpointTopic(Map<String, Object> connection) {
        this.connection = connection;
    }

    /**
     * Creates the topic if it is missing, for with the broker's defaults it would forget adapters.
     *
     * @throws IllegalStateException if it has several partitions: only one has an order over all of it
     */
    void require() throws ExecutionException, InterruptedException {
        try (var admin = Admin.create(connection)) {
            var topic = new NewTopic(Topics.CHECKPOINTS, Optional.of(1), Optional.empty())
                    .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
            try {
                admin.createTopics(List.of(topic)).all().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
            var partitions = admin.describeTopics(List.of(Topics.CHECKPOINTS))
                    .allTopicNames()
                    .get()
                    .get(Topics.CHECKPOINTS)
                    .partitions()
                    .size();
            if (partitions != 1) {
                throw new IllegalStateException(
                        "topic " + Topics.CHECKPOINTS + " has " + partitions + " partitions, must have 1");
            }
        }
    }

    /**
     * Offset of the last record that is there now, -1 if there is none. It is not always the end offset less one: compaction
     * and transactions leave holes, a tombstone of the last record for instance.
     */
    long lastOffset() {
        var config = new HashMap<>(connection);
        config.keySet().removeIf(key -> key.startsWith("group."));
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions = List.of(PARTITION);
            consumer.assign(partitions);
            long begin = consumer.beginningOffsets(partitions).get(PARTITION);
            long end = consumer.endOffsets(partitions).get(PARTITION);
            long last = -1;
            // the last record itself, or with a hole in its place all of them
            for (long from = end - 1; last < 0 && from >= begin; from = from > begin ? begin : begin - 1) {
                consumer.seek(PARTITION, from);
                while (consumer.position(PARTITION) < end) {
                    for (var found : consumer.poll(POLL)) {
                        if (found.offset() < end) {
                            last = found.offset();
                        }
                    }
                }
            }
            return last;
        }
    }
}
