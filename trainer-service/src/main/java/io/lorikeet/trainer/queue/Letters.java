package io.lorikeet.trainer.queue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Commands that are written rather than read: those to be published anew, and the dead letters, which are commands that
 * could not be trained, as they came, and why in headers.
 *
 * <ul>
 *   <li>{@code lorikeet-error-reason} what was wrong with it in the end
 *   <li>{@code lorikeet-error-class} the class of the cause
 *   <li>{@code lorikeet-error-deliveries} how often it was delivered, to whomever
 *   <li>{@code lorikeet-error-attempt-1…} the reason of each failed try
 *   <li>{@code lorikeet-error-record} where it stood, {@code topic-partition@offset}
 *   <li>{@code lorikeet-error-time} when it was given up
 *   <li>{@code lorikeet-error-value} only where the command left the broker no room for these headers: its size, and the letter
 *       has no value
 * </ul>
 */
final class Letters {
    static final String PREFIX = "lorikeet-error-";

    private final Producer<byte[], byte[]> producer;
    private final String deadLetters;

    Letters(Producer<byte[], byte[]> producer, String deadLetters) {
        this.producer = producer;
        this.deadLetters = deadLetters;
    }

    /** Publishes a command anew. Awaits the broker's word; false if it did not come. */
    boolean again(ConsumerRecord<byte[], byte[]> record, Delivery delivery) throws InterruptedException {
        return send(Republication.again(record, delivery), delivery);
    }

    /** Writes a dead letter. Awaits the broker's word; false if it did not come. */
    boolean dead(
            ConsumerRecord<byte[], byte[]> record, Delivery delivery, JobOutcome.Failed failure, List<String> attempts)
            throws InterruptedException {
        var letter = new ProducerRecord<>(deadLetters, null, record.key(), record.value(), record.headers());
        header(letter, "reason", failure.reason());
        header(letter, "class", failure.causeClass());
        header(letter, "deliveries", Integer.toString(delivery.count()));
        for (int i = 0; i < attempts.size(); i++) {
            header(letter, "attempt-" + (i + 1), attempts.get(i));
        }
        header(letter, "record", delivery.record());
        header(letter, "time", Instant.now().toString());
        return send(letter, delivery);
    }

    private boolean send(ProducerRecord<byte[], byte[]> letter, Delivery delivery) throws InterruptedException {
        try {
            var _ = producer.send(letter).get(30, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            if (e.getCause() instanceof RecordTooLargeException
                    && letter.topic().equals(deadLetters)
                    && letter.value() != null) {
                return send(withoutValue(letter), delivery);
            }
            CommandQueue.LOG.errorf("Could not write %s to %s: %s", delivery.record(), letter.topic(), e);
            return false;
        }
    }

    private static ProducerRecord<byte[], byte[]> withoutValue(ProducerRecord<byte[], byte[]> letter) {
        var small = new ProducerRecord<byte[], byte[]>(letter.topic(), null, letter.key(), null, letter.headers());
        header(small, "value", "%d bytes, left out".formatted(letter.value().length));
        return small;
    }

    private static void header(ProducerRecord<byte[], byte[]> letter, String name, String value) {
        letter.headers().add(PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
    }
}
