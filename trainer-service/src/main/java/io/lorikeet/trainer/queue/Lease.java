package io.lorikeet.trainer.queue;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.jboss.logging.Logger;

/**
 * The lock that the share group holds for us on one record, renewed at a third of its time.
 *
 * <p>A renewal is an acknowledgement, so the record must be taken back by {@code poll} before it can be acknowledged
 * again. A lease that is lost (broker away for longer than the lock, a long pause of this process) stays lost: the
 * job goes on, the record is delivered once more, and its result is found then.
 *
 * <p>Belongs to the thread of the consumer.
 */
final class Lease {
    private static final Logger LOG = Logger.getLogger(Lease.class);
    private static final Duration COMMIT = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int DEFAULT_LOCK_MS = 30_000;

    private final KafkaShareConsumer<byte[], byte[]> consumer;
    private final String name;
    private final long lockNanos;

    private ConsumerRecord<byte[], byte[]> record;
    private long renewedAt = System.nanoTime();
    private boolean inHand = true;
    private boolean lost;

    Lease(KafkaShareConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record) {
        this.consumer = consumer;
        this.record = record;
        this.name = "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
        this.lockNanos = 1_000_000L * consumer.acquisitionLockTimeoutMs().orElse(DEFAULT_LOCK_MS);
    }

    boolean lost() {
        return lost;
    }

    /** Renews if a third of the lock is over; takes the renewed record back. */
    void keep() {
        if (lost) {
            return;
        }
        long age = System.nanoTime() - renewedAt;
        try {
            if (inHand && age > lockNanos / 3) {
                renewedAt = System.nanoTime();
                consumer.acknowledge(record, AcknowledgeType.RENEW);
                inHand = false;
                check(consumer.commitSync(COMMIT));
            }
            if (!inHand && !lost) {
                takeBack();
            }
        } catch (KafkaException | IllegalStateException e) {
            lose(e.toString());
        }
        if (!inHand && !lost && System.nanoTime() - renewedAt > lockNanos) {
            lose("the renewed record did not come back within the lock");
        }
    }

    private void takeBack() {
        for (ConsumerRecord<byte[], byte[]> polled : consumer.poll(POLL)) {
            if (polled.partition() == record.partition() && polled.offset() == record.offset()) {
                record = polled;
                inHand = true;
            } else {
                // not ours to keep while a job runs; the release costs that record a delivery
                LOG.warnf(
                        "Got %s-%d@%d beside %s, giving it back",
                        polled.topic(), polled.partition(), polled.offset(), name);
                consumer.acknowledge(polled, AcknowledgeType.RELEASE);
                consumer.commitSync(COMMIT);
            }
        }
    }

    /** Ends the lease: the last word on this delivery. Returns whether the broker took it. */
    boolean end(AcknowledgeType type) {
        long deadline = System.nanoTime() + lockNanos;
        try {
            while (!lost && !inHand && System.nanoTime() < deadline) {
                takeBack();
            }
            if (!lost) {
                consumer.acknowledge(record, type);
                check(consumer.commitSync(COMMIT));
            }
        } catch (KafkaException | IllegalStateException e) {
            lose(e.toString());
        }
        return !lost;
    }

    /** An outage shows as an empty map, a lock that is over as an exception for the partition. */
    private void check(Map<TopicIdPartition, Optional<KafkaException>> committed) {
        if (committed.isEmpty()) {
            lose("the broker did not answer");
        }
        committed.values().stream().flatMap(Optional::stream).findFirst().ifPresent(e -> lose(e.toString()));
    }

    private void lose(String why) {
        lost = true;
        LOG.warnf(
                "Lost the lease on %s (%s); the command will be delivered again and its result found then", name, why);
    }
}
