package io.lorikeet.trainer.queue;

import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.messaging.TopicFollower;
import io.lorikeet.messaging.TopicProgress;
import io.lorikeet.messaging.UnreadableRecords;
import io.lorikeet.trainer.run.RunControl;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * Follows the commands topic for cancels, beside the group, so that a busy trainer hears of
 * them at once. Remembers the newest of those that it has seen since the beginning of the topic: an older one is of a command
 * that was taken long ago.
 */
final class CancelWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CancelWatch.class);
    /** A cancel is a few fields; what is larger is a training command with rows and need not be parsed. */
    private static final int LARGEST_CANCEL = 16_384;

    /** A megabyte or so. */
    private static final int MOST_CANCELS = 10_000;

    private final TopicProgress progress;
    private final TopicFollower follower;
    private final Map<String, Cancel> cancels = newest(MOST_CANCELS);
    private volatile Running running;

    private record Cancel(int partition, long offset) {}

    private record Running(String jobId, int partition, long offset, RunControl control) {}

    CancelWatch(QueueSettings settings, UnreadableRecords unreadable) {
        this.progress = new TopicProgress(settings.commands());
        this.follower = new TopicFollower(progress, settings.client(), this::read, unreadable);
    }

    /** A map that holds the entries that were put, or looked at, last. */
    static <V> Map<String, V> newest(int most) {
        return Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > most;
            }
        });
    }

    void start() {
        follower.start();
    }

    /** Why no cancel will be heard of any more. */
    Optional<String> dead() {
        return progress.dead();
    }

    /** Whether every cancel that stood in the topic at the start has been seen; waits for it. */
    boolean awaitReplay(Duration atMost) throws InterruptedException {
        return progress.awaitReplay(atMost);
    }

    /** From now on a cancel that comes after this record stops the job; one that is there already does it now. */
    void watch(String jobId, Delivery command, RunControl control) {
        running = new Running(jobId, command.partition(), command.offset(), control);
        Cancel seen = cancels.get(jobId);
        if (seen != null) {
            apply(jobId, seen);
        }
    }

    void forget() {
        running = null;
    }

    private void apply(String jobId, Cancel cancel) {
        Running job = running;
        if (job == null || !job.jobId().equals(jobId)) {
            return;
        }
        // same key, same partition: an older cancel was meant for an earlier command
        if (cancel.partition() != job.partition() || cancel.offset() > job.offset()) {
            LOG.infof("Cancel of job %s", jobId);
            job.control().request(RunControl.Stop.CANCEL);
        }
    }

    private void read(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null || value.length > LARGEST_CANCEL) {
            return;
        }
        try {
            if (TrainingCommand.parse(value) instanceof CancelCommand cancel) {
                var seen = new Cancel(record.partition(), record.offset());
                cancels.put(cancel.jobId(), seen);
                apply(cancel.jobId(), seen);
            }
        } catch (ContractException e) {
            // counted where it is taken from the queue and dead-lettered
            LOG.debugf("%s-%d@%d is malformed", record.topic(), record.partition(), record.offset());
        }
    }

    @Override
    public void close() {
        follower.close();
    }
}
