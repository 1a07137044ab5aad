package io.lorikeet.trainer.queue;

import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.trainer.run.RunControl;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/**
 * Follows the commands topic for cancels, beside the group and on a thread of its own, so that a busy trainer hears of
 * them at once. Remembers all that it has seen since the beginning of the topic.
 */
final class CancelWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CancelWatch.class);
    /** A cancel is a few fields; what is larger is a training command with rows and need not be parsed. */
    private static final int LARGEST_CANCEL = 16_384;

    private static final Duration POLL = Duration.ofMillis(500);
    /** How often to look for new partitions. */
    private static final Duration REFRESH = Duration.ofMinutes(1);

    private final QueueSettings settings;
    private final Thread thread;
    private final CountDownLatch replayed = new CountDownLatch(1);
    private final Map<String, Cancel> cancels = new ConcurrentHashMap<>();
    private volatile Running running;
    private volatile boolean stopping;

    private record Cancel(int partition, long offset) {}

    private record Running(String jobId, int partition, long offset, RunControl control) {}

    CancelWatch(QueueSettings settings) {
        this.settings = settings;
        this.thread = Thread.ofPlatform().name("cancel-watch").daemon().unstarted(this::follow);
    }

    void start() {
        thread.start();
    }

    /** Whether every cancel that stood in the topic at the start has been seen; waits for it. */
    boolean awaitReplay(Duration atMost) throws InterruptedException {
        return replayed.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
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

    private void follow() {
        while (!stopping) {
            try (var consumer =
                    new KafkaConsumer<>(config(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                follow(consumer);
            } catch (KafkaException | IllegalStateException e) {
                if (stopping) {
                    return;
                }
                LOG.warnf("Following %s for cancels: %s; trying again", settings.commands(), e);
                pause();
            }
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = partitions(consumer.partitionsFor(settings.commands()));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
        long refreshed = System.nanoTime();
        while (!stopping) {
            if (System.nanoTime() - refreshed > REFRESH.toNanos()) {
                refreshed = System.nanoTime();
                if (consumer.partitionsFor(settings.commands()).size() != partitions.size()) {
                    return;
                }
            }
            consumer.poll(POLL).forEach(this::read);
            if (replayed.getCount() > 0) {
                ends.keySet().removeIf(partition -> consumer.position(partition) >= ends.get(partition));
                if (ends.isEmpty()) {
                    replayed.countDown();
                }
            }
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
            LOG.debugf(
                    "%s-%d@%d is malformed; the queue dead-letters it",
                    record.topic(), record.partition(), record.offset());
        }
    }

    private Map<String, Object> config() {
        var config = new HashMap<>(settings.client());
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, "lorikeet-cancel-watch");
        return config;
    }

    private static List<TopicPartition> partitions(List<PartitionInfo> infos) {
        return infos.stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    private void pause() {
        try {
            Thread.sleep(1_000);
        } catch (InterruptedException e) {
            stopping = true;
        }
    }

    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
    }
}
