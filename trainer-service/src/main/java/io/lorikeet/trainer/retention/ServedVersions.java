package io.lorikeet.trainer.retention;

import io.lorikeet.contracts.Topics;
import io.lorikeet.messaging.CheckpointOrder;
import io.lorikeet.messaging.CheckpointRecord;
import io.lorikeet.messaging.TopicFollower;
import io.lorikeet.messaging.TopicProgress;
import io.lorikeet.messaging.UnreadableRecords;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Follows the checkpoint topic while somebody tidies up. Of each name the newest version counts and the one before it on the
 * topic, which replicas serve that had to refuse the newest; and its canary. A topic without any record tells nothing: Kafka may have been
 * laid out anew, and what was served is still to be restored.
 */
public final class ServedVersions implements Served, AutoCloseable {
    private final TopicProgress progress = new TopicProgress(Topics.CHECKPOINTS);
    private final TopicFollower follower;
    private final Map<String, List<String>> versions = new HashMap<>();
    private final Map<String, String> canaries = new HashMap<>();
    private final CheckpointOrder order = new CheckpointOrder();
    private boolean any;

    /** @param client settings of a Kafka client, {@code bootstrap.servers} among them */
    public ServedVersions(Map<String, Object> client) {
        follower = new TopicFollower(progress, client, this::read, new UnreadableRecords(Topics.CHECKPOINTS));
        follower.start();
    }

    /** Waits until all is known that the topic held at the start; false if that takes too long. */
    public boolean await(Duration atMost) throws InterruptedException {
        return progress.awaitReplay(atMost);
    }

    /** How far the topic was read, or why it is not. */
    public String describe() {
        return progress.topic() + ": " + progress.describe();
    }

    @Override
    public synchronized Optional<Set<String>> versions() {
        if (!any
                || !progress.replayed()
                || progress.trouble().isPresent()
                || progress.dead().isPresent()) {
            return Optional.empty();
        }
        Set<String> all = new HashSet<>();
        versions.values().forEach(all::addAll);
        all.addAll(canaries.values());
        return Optional.of(all);
    }

    private synchronized void read(ConsumerRecord<byte[], byte[]> record) {
        any = true;
        var checkpoint = CheckpointRecord.read(record);
        if (!order.counts(checkpoint)) {
            return;
        }
        switch (checkpoint) {
            case CheckpointRecord.Retire(String adapter) -> {
                versions.remove(adapter);
                canaries.remove(adapter);
            }
            case CheckpointRecord.Serve(var event) -> {
                versions.merge(
                        event.adapter(),
                        List.of(event.version()),
                        (before, now) -> before.getLast().equals(now.getFirst())
                                ? before
                                : List.of(before.getLast(), now.getFirst()));
                if (event.canary() == null) {
                    canaries.remove(event.adapter());
                } else {
                    canaries.put(event.adapter(), event.canary().version());
                }
            }
        }
    }

    @Override
    public void close() {
        follower.close();
    }
}
