package io.lorikeet.messaging;

import io.lorikeet.contracts.ContractException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands records to their handler, and goes past those that it cannot take. Of one thread, but for what is prepared. */
final class RecordIntake {
    private static final Logger LOG = LoggerFactory.getLogger(RecordIntake.class);
    /** So many at once are worth more threads than one. */
    private static final int MANY = 100;
    /** Of which each thread prepares so many at a time. */
    private static final int PART = 250;

    private final TopicProgress progress;
    private final RecordHandler handler;
    private final UnreadableRecords unreadable;
    private final UnreadableRecords.AtStart atStart;

    RecordIntake(TopicProgress progress, RecordHandler handler, UnreadableRecords unreadable) {
        this.progress = progress;
        this.handler = handler;
        this.unreadable = unreadable;
        this.atStart = unreadable.new AtStart(progress.topic());
    }

    private record Prepared(ConsumerRecord<byte[], byte[]> record, Runnable rest) {}

    /** Takes them, each partition's in order. */
    void hand(ConsumerRecords<byte[], byte[]> records) {
        if (records.count() < MANY) {
            records.forEach(record -> take(prepare(record)));
            return;
        }
        var all = StreamSupport.stream(records.spliterator(), false).toList();
        var superseded = handler.superseded(all);
        var others = new ArrayList<ForkJoinTask<List<Prepared>>>();
        for (int from = PART; from < all.size(); from += PART) {
            var part = all.subList(from, Math.min(from + PART, all.size()));
            others.add(ForkJoinPool.commonPool().submit(() -> prepare(part, superseded)));
        }
        // while one part is taken the next are prepared
        prepare(all.subList(0, Math.min(PART, all.size())), superseded).forEach(this::take);
        others.forEach(part -> part.join().forEach(this::take));
    }

    private List<Prepared> prepare(
            List<ConsumerRecord<byte[], byte[]>> records, Set<ConsumerRecord<byte[], byte[]>> superseded) {
        return records.stream()
                .map(record -> superseded.contains(record)
                        ? new Prepared(record, () -> handler.passed(record))
                        : prepare(record))
                .toList();
    }

    private Prepared prepare(ConsumerRecord<byte[], byte[]> record) {
        try {
            return new Prepared(record, handler.prepare(record));
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            // passed over when it is its turn
            return new Prepared(record, () -> {
                throw e;
            });
        }
    }

    private void take(Prepared next) {
        var record = next.record();
        progress.read();
        try {
            next.rest().run();
        } catch (ContractException e) {
            passOver(record.partition(), record.offset(), e.getMessage());
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            // a handler's error is no sign that the client cannot unpack what the broker sends
            LOG.error("{}-{}@{} could not be taken", record.topic(), record.partition(), record.offset(), e);
            passOver(record.partition(), record.offset(), e.toString());
        }
    }

    /** Says that a record is not taken. */
    void passOver(int partition, long offset, String why) {
        if (progress.replayed()) {
            unreadable.add(progress.topic(), partition, offset, why);
        } else {
            atStart.add(partition, offset, why);
        }
    }

    /** What was there at start has been read: those that could not be taken are told, in one line. */
    void replayed() {
        atStart.tell();
        handler.replayed();
    }
}
