package io.lorikeet.messaging;

import io.lorikeet.contracts.ContractException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Takes the records of a topic, each partition's in order. Called on the reader's thread, which it must not hold up. */
@FunctionalInterface
public interface RecordHandler {
    /**
     * Takes the next one.
     *
     * @throws ContractException if it is not what belongs on this topic; then it is counted and passed over
     */
    void record(ConsumerRecord<byte[], byte[]> record);

    /** Everything has been taken that stood on the topic when the reader began. */
    default void replayed() {}
}
