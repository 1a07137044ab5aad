package io.lorikeet.gateway.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Nearly all events are progress, and of a job's progress the newest is what is shown. Where it is written as we write it, that
 * can be told from its first bytes, which takes a hundredth of what decoding it does.
 */
final class SupersededProgress {
    private static final byte[] JOB = "{\"type\":\"progress\",\"schema_version\":1,\"job_id\":\"".getBytes(UTF_8);
    private static final byte[] ADAPTER = "\",\"adapter\":\"".getBytes(UTF_8);

    private SupersededProgress() {}

    /** Progress whose job has progress of the same adapter as the next that is told of it here. */
    static Set<ConsumerRecord<byte[], byte[]>> among(List<ConsumerRecord<byte[], byte[]>> records) {
        var superseded = new HashSet<ConsumerRecord<byte[], byte[]>>();
        var next = new HashMap<String, Optional<String>>();
        for (var record : records.reversed()) {
            if (record.key() == null) {
                continue;
            }
            var adapter = adapter(record);
            var before = next.put(jobId(record), adapter);
            if (adapter.isPresent() && adapter.equals(before)) {
                superseded.add(record);
            }
        }
        return superseded;
    }

    /** Whose it is. */
    static String jobId(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), UTF_8);
    }

    /** The adapter that it is the progress of; empty if it is none, or written in another way. */
    static Optional<String> adapter(ConsumerRecord<byte[], byte[]> record) {
        var value = record.value();
        int at = JOB.length + record.key().length + ADAPTER.length;
        if (value == null
                || !stands(JOB, value, 0)
                || !stands(record.key(), value, JOB.length)
                || !stands(ADAPTER, value, at - ADAPTER.length)) {
            return Optional.empty();
        }
        int end = at;
        while (end < value.length && value[end] != '"' && value[end] != '\\') {
            end++;
        }
        return end < value.length && value[end] == '"'
                ? Optional.of(new String(value, at, end - at, UTF_8))
                : Optional.empty();
    }

    private static boolean stands(byte[] part, byte[] text, int at) {
        int end = at + part.length;
        return end <= text.length && Arrays.equals(text, at, end, part, 0, part.length);
    }
}
