package io.lorikeet.gateway;

import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.adapters.ReplicaCatalog;
import io.lorikeet.gateway.kafka.Replay;
import io.lorikeet.gateway.training.EventIntake;
import io.lorikeet.messaging.CheckpointOrder;
import io.lorikeet.messaging.CheckpointRecord;
import io.lorikeet.messaging.TopicFollower;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Brings what is on the topics to those who know it for HTTP. */
@ApplicationScoped
public class TopicReader {
    private final AdapterCatalog adapters;
    private final CheckpointOrder order = new CheckpointOrder();
    private final List<TopicFollower> followers;

    TopicReader(
            Replay replay,
            EventIntake events,
            AdapterCatalog adapters,
            ReplicaCatalog replicas,
            @Identifier("default-kafka-broker") Map<String, Object> connection) {
        this.adapters = adapters;
        this.followers = List.of(
                new TopicFollower(replay.events(), connection, events, replay.unreadable()),
                new TopicFollower(replay.checkpoints(), connection, this::checkpoint, replay.unreadable()),
                new TopicFollower(replay.replicas(), connection, replicas::take, replay.unreadable()));
    }

    void start(@Observes StartupEvent event) {
        followers.forEach(TopicFollower::start);
    }

    void stop(@Observes ShutdownEvent event) {
        followers.forEach(TopicFollower::close);
    }

    private void checkpoint(ConsumerRecord<byte[], byte[]> record) {
        var checkpoint = CheckpointRecord.read(record);
        boolean counts = order.counts(checkpoint);
        switch (checkpoint) {
            case CheckpointRecord.Serve(var event) when counts -> adapters.served(event);
            case CheckpointRecord.Serve(var late) -> adapters.contested(late);
            case CheckpointRecord.Retire(var adapter) -> adapters.retired(adapter);
        }
    }
}
