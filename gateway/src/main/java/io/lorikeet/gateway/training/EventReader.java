package io.lorikeet.gateway.training;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.training.Places.Run;
import io.lorikeet.http.ApiException;
import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads events again, where they stand: a few readers at once, each with a little memory. */
@ApplicationScoped
public class EventReader {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofSeconds(2);
    /** Records that are read over rather than sought past, which drops what was fetched ahead. */
    private static final long NEAR = 2_000;

    private static final int FETCH_BYTES = 256 << 10;
    private static final int FETCH_WAIT_MS = 10;

    private final Map<String, Object> connection;
    private final Semaphore places;
    private final int readers;
    private final Deque<KafkaConsumer<byte[], byte[]>> idle = new ConcurrentLinkedDeque<>();

    @Inject
    EventReader(@Identifier("default-kafka-broker") Map<String, Object> connection, GatewayConfig config) {
        this(connection, config.eventReaders());
    }

    EventReader(Map<String, Object> connection, int readers) {
        this.connection = connection;
        this.readers = readers;
        this.places = new Semaphore(readers, true);
    }

    /**
     * Hands on a job's events, in the order of the runs.
     *
     * @throws ApiException 503 if all readers are busy or the broker does not answer
     */
    void read(String jobId, List<Run> runs, Consumer<Located> events) throws InterruptedException {
        if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw ApiException.unavailable("all " + readers + " readers of the events are busy", RETRY, null);
        }
        try {
            var open = idle.poll();
            var consumer = open == null ? open() : open;
            try {
                new Reading(consumer, jobId, events).read(runs);
                idle.push(consumer);
            } catch (RuntimeException | Error e) {
                consumer.close();
                throw e;
            }
        } catch (InterruptException e) {
            throw new InterruptedException();
        } catch (KafkaException e) {
            throw ApiException.unavailable(
                    "the events of job " + jobId + " cannot be read: " + e.getMessage(), RETRY, e);
        } finally {
            places.release();
        }
    }

    private KafkaConsumer<byte[], byte[]> open() {
        var settings = new HashMap<>(connection);
        settings.keySet().removeIf(key -> key.startsWith("group."));
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "gateway-event-reader");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
        // what is read is there; a fetch ahead that waits at the end of a partition would hold up the next reading
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @PreDestroy
    void close() {
        idle.forEach(KafkaConsumer::close);
    }

    private static final class Reading {
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final String jobId;
        private final Consumer<Located> events;
        private final long deadline = System.nanoTime() + PATIENCE.toNanos();
        private final Deque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();
        private int partition = -1;
        /** Everything before it was read or is not wanted. */
        private long at;

        Reading(KafkaConsumer<byte[], byte[]> consumer, String jobId, Consumer<Located> events) {
            this.consumer = consumer;
            this.jobId = jobId;
            this.events = events;
        }

        void read(List<Run> runs) {
            for (var run : runs) {
                if (partition != run.partition() || at > run.first() || run.first() - at > NEAR) {
                    seek(run);
                }
                while (at < run.end()) {
                    next(run);
                }
            }
        }

        private void seek(Run run) {
            partition = run.partition();
            at = run.first();
            fetched.clear();
            consumer.assign(List.of(Place.partition(partition)));
            consumer.seek(Place.partition(partition), at);
        }

        private void next(Run run) {
            if (fetched.isEmpty()) {
                if (System.nanoTime() > deadline) {
                    throw ApiException.unavailable(
                            "the broker did not send the events of " + jobId + " within " + PATIENCE.toSeconds() + " s",
                            RETRY,
                            null);
                }
                consumer.poll(POLL).forEach(fetched::add);
            }
            if (fetched.isEmpty()) {
                // holes: what was deleted, or the marks of transactions
                at = Math.max(at, consumer.position(Place.partition(partition)));
                return;
            }
            var record = fetched.peek();
            if (record.offset() >= run.end()) {
                at = run.end();
                return;
            }
            fetched.poll();
            at = record.offset() + 1;
            if (record.offset() >= run.first()) {
                hand(record);
            }
        }

        private void hand(ConsumerRecord<byte[], byte[]> record) {
            try {
                var event = Json.read(record.value(), TrainingEvent.class);
                if (event.jobId().equals(jobId)) {
                    events.accept(new Located(event, Place.of(record), record.value().length));
                }
            } catch (ContractException e) {
                // counted when it came
            }
        }
    }
}
