package io.lorikeet.trainer.queue;

import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * One delivery of one command.
 *
 * @param partition where the command was first published
 * @param offset where in that partition; the same at every delivery, also of a {@link Republication}; another one if the
 *     same command was published twice
 * @param timestamp when the command was first published, in milliseconds
 * @param count 1 for the first delivery; those that never reached a trainer count too
 */
public record Delivery(String topic, int partition, long offset, long timestamp, int count) {

    static Delivery of(ConsumerRecord<byte[], byte[]> record) {
        int count = record.deliveryCount().orElse((short) 1);
        return Republication.of(record)
                .map(earlier -> new Delivery(
                        record.topic(),
                        earlier.partition(),
                        earlier.offset(),
                        record.timestamp(),
                        earlier.deliveries() + count))
                .orElseGet(() ->
                        new Delivery(record.topic(), record.partition(), record.offset(), record.timestamp(), count));
    }

    /** The command's place in Kafka, {@code topic-partition@offset}. */
    public String record() {
        return "%s-%d@%d".formatted(topic, partition, offset);
    }

    /** The same for every delivery of this record, and for no other record: a new broker counts its places from 0 again. */
    public String id() {
        return record() + " of " + Instant.ofEpochMilli(timestamp);
    }
}
