package io.lorikeet.trainer.events;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CloudEvents;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Message;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.messaging.TraceHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/**
 * Sends what the trainer has to say. A thread of its own hands messages to the producer in the order in which they came:
 * {@code send} blocks while the broker is away and its metadata has grown old, and training must not wait for that. The
 * producer keeps them until the broker is back; it is idempotent, so they arrive once and in order.
 */
public final class EventPublisher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EventPublisher.class);
    private static final String SOURCE = "/lorikeet/trainer";

    private final Producer<byte[], byte[]> producer;
    private final ExecutorService sender = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("event-sender").daemon().factory());

    /**
     * A publisher over a producer of the caller's, who closes it.
     *
     * @param producer idempotent, with acks from all replicas
     */
    public EventPublisher(Producer<byte[], byte[]> producer) {
        this.producer = producer;
        // its thread begins here: begun by a job, it would have that job's log context for ever
        sender.execute(() -> {});
    }

    /** Completes when the broker has it. */
    public CompletableFuture<Void> publish(TrainingEvent event) {
        return send(Topics.EVENTS, event);
    }

    /** Completes when the broker has it, and with it every replica will serve the adapter. */
    public CompletableFuture<Void> publish(CheckpointEvent checkpoint) {
        return send(Topics.CHECKPOINTS, checkpoint);
    }

    private CompletableFuture<Void> send(String topic, Message message) {
        var record = new ProducerRecord<>(topic, message.key().getBytes(StandardCharsets.UTF_8), Json.write(message));
        for (Map.Entry<String, String> header :
                CloudEvents.headers(message, SOURCE).entrySet()) {
            record.headers().add(header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8));
        }
        TraceHeaders.write(record.headers());
        var sent = new CompletableFuture<Void>();
        sender.execute(() -> {
            try {
                var _ = producer.send(record, (metadata, failure) -> {
                    if (failure == null) {
                        sent.complete(null);
                    } else {
                        LOG.errorf("Could not send %s to %s: %s", record, topic, failure);
                        sent.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException e) {
                LOG.errorf(e, "Could not send to %s", topic);
                sent.completeExceptionally(e);
            }
        });
        return sent;
    }

    @Override
    public void close() {
        sender.shutdown();
    }
}
