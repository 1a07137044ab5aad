package io.lorikeet.messaging;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a whole topic on a thread of its own: from the beginning at each start, then what comes. It belongs to no group and
 * commits nothing. A topic or a broker that is missing is waited for; a record that cannot be read is passed over.
 */
public final class TopicFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PROBE = Duration.ofMillis(100);
    private static final Duration RETRY = Duration.ofSeconds(1);
    /** How long its end is waited for. */
    private static final Duration END = Duration.ofSeconds(5);
    /** What a poll brings at most; what each costs besides the records goes round fewer times. */
    private static final int MOST_AT_ONCE = 2_000;
    /** How often to look for new partitions. */
    private static final Duration REFRESH = Duration.ofMinutes(1);

    private final TopicProgress progress;
    private final Map<String, Object> connection;
    private final RecordHandler handler;
    private final RecordIntake intake;
    private final Thread thread;
    private volatile KafkaConsumer<byte[], byte[]> consumer;
    private volatile boolean stopping;

    // of the thread
    private final Map<TopicPartition, Long> next = new HashMap<>();
    /** One record a poll, so that a poll that fails does so exactly where the consumer stands. */
    private boolean oneByOne;

    /**
     * A reader that does not run yet.
     *
     * @param progress is told how far it is
     * @param connection settings of every Kafka client, {@code bootstrap.servers} among them
     */
    public TopicFollower(
            TopicProgress progress,
            Map<String, Object> connection,
            RecordHandler handler,
            UnreadableRecords unreadable) {
        this.progress = progress;
        this.connection = connection;
        this.handler = handler;
        this.intake = new RecordIntake(progress, handler, unreadable);
        this.thread =
                Thread.ofPlatform().name("follow-" + progress.topic()).daemon().unstarted(this::run);
    }

    /** Starts it. */
    public void start() {
        thread.start();
    }

    /** Stops it, and waits until it has taken the record that it is at. */
    @Override
    public void close() {
        stopping = true;
        var open = consumer;
        if (open == null) {
            thread.interrupt();
        } else {
            open.wakeup(); // an interrupt would make it complain about its own end
        }
        try {
            thread.join(END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!stopping) {
                progress.turn();
                try (var opened = open()) {
                    consumer = opened;
                    follow(opened);
                } catch (InterruptException | WakeupException e) {
                    stopping = true;
                } catch (KafkaException | IllegalStateException e) {
                    consumer = null;
                    failed(e);
                }
            }
            handler.stopped();
            progress.ended("its reader was stopped");
        } catch (InterruptedException e) {
            progress.ended("its reader was stopped");
        } catch (RuntimeException | Error e) {
            LOG.error("The reader of {} has died", progress.topic(), e);
            progress.ended("its reader has died: " + e);
        }
    }

    private KafkaConsumer<byte[], byte[]> open() {
        var settings = new HashMap<>(connection);
        settings.keySet().removeIf(key -> key.startsWith("group."));
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "follow-" + progress.topic());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, oneByOne ? 1 : MOST_AT_ONCE);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Returns if it has to begin anew, from where it is. */
    private void follow(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
        var partitions = partitions(consumer);
        if (partitions.isEmpty()) {
            trouble("the topic does not exist; `./lorikeet up` creates it, or kafka-topics.sh --create --topic "
                    + progress.topic());
            return;
        }
        consumer.assign(partitions);
        if (!progress.begun()) {
            var ends = consumer.endOffsets(partitions);
            next.putAll(handler.begin(ends));
            progress.begin(ends);
        }
        for (var partition : partitions) {
            if (next.containsKey(partition)) {
                consumer.seek(partition, next.get(partition));
            } else {
                consumer.seekToBeginning(List.of(partition));
            }
        }
        long refreshed = System.nanoTime();
        while (!stopping) {
            progress.turn();
            if (System.nanoTime() - refreshed > REFRESH.toNanos()) {
                refreshed = System.nanoTime();
                if (grown(consumer, partitions)) {
                    return;
                }
            }
            try {
                intake.hand(consumer.poll(POLL));
            } catch (KafkaException | Error e) {
                if (!ofARecord(e)) {
                    throw e;
                }
                if (!oneByOne) {
                    oneByOne = true;
                    return;
                }
                passOver(consumer, partitions);
            }
            tell(consumer, partitions);
        }
    }

    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
        return consumer.partitionsFor(progress.topic()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    private boolean grown(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        try {
            return partitions(consumer).size() != partitions.size();
        } catch (TimeoutException e) {
            return false; // the broker is away, and poll waits for it
        }
    }

    private void tell(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        long lag = 0;
        boolean known = true;
        for (var partition : partitions) {
            long position = consumer.position(partition);
            next.put(partition, position);
            progress.reached(partition, position);
            var behind = consumer.currentLag(partition);
            known &= behind.isPresent();
            lag += behind.orElse(0);
        }
        progress.lag(known ? OptionalLong.of(lag) : OptionalLong.empty());
        if (progress.atEnd() && !progress.replayed()) {
            LOG.info("{}", progress.topic() + " was read to its end: " + progress.describe());
            intake.replayed();
            progress.replayIsOver();
        }
    }

    /**
     * Whether the client could not make records of what the broker sent: it was damaged, or is compressed in a way for which
     * this machine has no library, which ends in an error of that library's. Every other failure of the client has a class of
     * its own.
     */
    private static boolean ofARecord(Throwable failure) {
        return failure.getClass() == KafkaException.class
                || (failure instanceof Error && !(failure instanceof VirtualMachineError));
    }

    /** Asks partition by partition, and steps over the record at which one fails. */
    private void passOver(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        for (var partition : partitions) {
            var others = partitions.stream()
                    .filter(other -> !other.equals(partition))
                    .toList();
            consumer.pause(others);
            try {
                intake.hand(consumer.poll(PROBE));
            } catch (KafkaException | Error e) {
                if (!ofARecord(e)) {
                    throw e;
                }
                long at = consumer.position(partition);
                intake.passOver(partition.partition(), at, "it cannot be unpacked: " + cause(e));
                consumer.seek(partition, at + 1);
            } finally {
                consumer.resume(others);
            }
        }
    }

    private static Throwable cause(Throwable failure) {
        return failure.getCause() == null ? failure : failure.getCause();
    }

    private void failed(RuntimeException failure) throws InterruptedException {
        var refusal = Refusal.of(failure, connection);
        if (refusal.isEmpty()) {
            trouble("no broker serves it at " + connection.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG) + ": "
                    + failure.getMessage());
            return;
        }
        if (progress.trouble(refusal.get().why()) && refusal.get().ofRights()) {
            LOG.error("{}: {}; trying on", progress.topic(), refusal.get().why());
        }
        for (long waited = 0; waited < Refusal.RETRY.toMillis(); waited += RETRY.toMillis()) {
            progress.turn();
            Thread.sleep(RETRY);
        }
    }

    private void trouble(String why) throws InterruptedException {
        if (progress.trouble(why)) {
            LOG.warn("{}: {}; trying on", progress.topic(), why);
        }
        Thread.sleep(RETRY);
    }
}
