package io.lorikeet.trainer.queue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * A command that was published again because the broker would not have delivered its record once more. The broker counts
 * deliveries, and not all of them are tries: a trainer that shuts down gives its command back, a lease is lost while the
 * broker is away, and a fetch of a trainer that was just killed still waits at the broker and takes the next command with
 * it. What a record has been through travels in headers.
 *
 * @param partition of the first record
 * @param offset of the first record
 * @param deliveries of all records before
 */
record Republication(int partition, long offset, int deliveries) {
    private static final String PARTITION = "lorikeet-first-partition";
    private static final String OFFSET = "lorikeet-first-offset";
    private static final String DELIVERIES = "lorikeet-earlier-deliveries";
    /** So many that adding to them stays a number. */
    private static final int MOST_DELIVERIES = Integer.MAX_VALUE / 2;

    /** What a record says of the records before it; empty for a first one, and where the headers make no sense. */
    static Optional<Republication> of(ConsumerRecord<byte[], byte[]> record) {
        Optional<Long> partition = number(record, PARTITION, Integer.MAX_VALUE);
        Optional<Long> offset = number(record, OFFSET, Long.MAX_VALUE);
        Optional<Long> deliveries = number(record, DELIVERIES, MOST_DELIVERIES);
        return partition.isPresent() && offset.isPresent() && deliveries.isPresent()
                ? Optional.of(new Republication(
                        Math.toIntExact(partition.get()), offset.get(), Math.toIntExact(deliveries.get())))
                : Optional.empty();
    }

    /** The record that takes the place of one that was delivered for the last time. */
    static ProducerRecord<byte[], byte[]> again(ConsumerRecord<byte[], byte[]> record, Delivery delivery) {
        var next = new ProducerRecord<>(
                record.topic(), record.partition(), record.timestamp(), record.key(), record.value(), record.headers());
        header(next, PARTITION, delivery.partition());
        header(next, OFFSET, delivery.offset());
        header(next, DELIVERIES, delivery.count());
        return next;
    }

    private static void header(ProducerRecord<byte[], byte[]> record, String name, long value) {
        record.headers().remove(name).add(name, Long.toString(value).getBytes(US_ASCII));
    }

    /** Headers come from anybody: they may hold no value at all. */
    private static Optional<Long> number(ConsumerRecord<byte[], byte[]> record, String name, long most) {
        Header header = record.headers().lastHeader(name);
        if (header == null || header.value() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(new String(header.value(), US_ASCII)))
                    .filter(number -> number >= 0 && number <= most);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
