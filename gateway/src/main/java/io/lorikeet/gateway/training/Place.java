package io.lorikeet.gateway.training;

import io.lorikeet.contracts.Topics;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Where an event stands on {@link Topics#EVENTS}. */
public record Place(int partition, long offset) {
    private static final Pattern ID = Pattern.compile("(\\d{1,9})-(\\d{1,18})");

    /** Of a record. */
    public static Place of(ConsumerRecord<?, ?> record) {
        return new Place(record.partition(), record.offset());
    }

    /** What a server-sent event calls it; empty if the text is no such name. */
    static Optional<Place> parse(String id) {
        var parts = ID.matcher(id == null ? "" : id);
        return parts.matches()
                ? Optional.of(new Place(Integer.parseInt(parts.group(1)), Long.parseLong(parts.group(2))))
                : Optional.empty();
    }

    /** Its name as the id of a server-sent event. */
    String id() {
        return partition + "-" + offset;
    }

    static TopicPartition partition(int number) {
        return new TopicPartition(Topics.EVENTS, number);
    }
}
