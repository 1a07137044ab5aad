package io.lorikeet.messaging;

import io.lorikeet.contracts.ContractException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Takes the records of a topic, each partition's in order. Called on the reader's thread, which it must not hold up. */
@FunctionalInterface
public interface RecordHandler {
    /**
     * Takes the next one.
     *
     * @throws ContractException if it is not what belongs on this topic; then it is counted and passed over
     */
    void record(ConsumerRecord<byte[], byte[]> record);

    /**
     * Does what needs no order, as decoding, and returns the rest of {@link #record}, which is run in order. Called on several
     * threads at once while many records are behind.
     *
     * @throws ContractException as {@link #record}
     */
    default Runnable prepare(ConsumerRecord<byte[], byte[]> record) {
        return () -> record(record);
    }

    /**
     * Those of many records that need not be prepared, since ones behind them say all that they say, and more. Each of them
     * comes to {@link #passed} when it is its turn.
     */
    default Set<ConsumerRecord<byte[], byte[]>> superseded(List<ConsumerRecord<byte[], byte[]>> records) {
        return Set.of();
    }

    /**
     * Takes a record that is superseded.
     *
     * @throws ContractException as {@link #record}
     */
    default void passed(ConsumerRecord<byte[], byte[]> record) {
        record(record);
    }

    /**
     * Where to begin, by partition; those that are missing begin at their beginning. Called before the first record, and again
     * if Kafka fails on the way there.
     *
     * @param ends of the partitions at start
     */
    default Map<TopicPartition, Long> begin(Map<TopicPartition, Long> ends) {
        return Map.of();
    }

    /** Everything has been taken that stood on the topic when the reader began. */
    default void replayed() {}

    /** The reader was stopped, and nothing comes any more. */
    default void stopped() {}
}
