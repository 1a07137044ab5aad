package io.lorikeet.inference.testing;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaReport;
import io.lorikeet.contracts.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What replicas say on their topic. */
public final class Reports {
    private Reports() {}

    /** The last word; empty if it is a goodbye, or if there is none. */
    public static Optional<ReplicaReport> newest(String bootstrapServers) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partition = new TopicPartition(Topics.REPLICAS, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            byte[] last = null;
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    last = record.value();
                }
            }
            return Optional.ofNullable(last).map(value -> Json.read(value, ReplicaReport.class));
        }
    }
}
