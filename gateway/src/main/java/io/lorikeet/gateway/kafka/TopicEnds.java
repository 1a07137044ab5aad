package io.lorikeet.gateway.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds the last record of each partition. A partition's end offset alone does not tell: compaction may have removed the
 * records before it, and nobody would ever read them.
 */
final class TopicEnds {
    private static final Duration POLL = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;

    TopicEnds(Consumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /** Empty if the topic does not exist. */
    List<TopicPartition> partitions(String topic) {
        return consumer.listTopics().getOrDefault(topic, List.of()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    /** Offsets of the last records; partitions without any are left out. */
    Map<TopicPartition, Long> lastRecords(List<TopicPartition> partitions) {
        var begins = consumer.beginningOffsets(partitions);
        var last = new HashMap<TopicPartition, Long>();
        consumer.endOffsets(partitions).forEach((partition, end) -> {
            long found = lastRecord(partition, begins.get(partition), end);
            if (found >= 0) {
                last.put(partition, found);
            }
        });
        return last;
    }

    /** Looks at ever longer tails of the partition until one holds a record. */
    private long lastRecord(TopicPartition partition, long begin, long end) {
        consumer.assign(List.of(partition));
        for (long tail = 1, from = end; from > begin; tail *= 4) {
            from = Math.max(begin, end - tail);
            long found = lastBetween(partition, from, end);
            if (found >= 0) {
                return found;
            }
        }
        return -1;
    }

    private long lastBetween(TopicPartition partition, long from, long end) {
        long found = -1;
        consumer.seek(partition, from);
        while (consumer.position(partition) < end) {
            for (var record : consumer.poll(POLL).records(partition)) {
                found = record.offset() < end ? record.offset() : found;
            }
        }
        return found;
    }
}
