package io.lorikeet.gateway.kafka;

import io.lorikeet.contracts.Topics;
import io.lorikeet.messaging.TopicMeters;
import io.lorikeet.messaging.TopicProgress;
import io.lorikeet.messaging.UnreadableRecords;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/** Everything that the gateway knows it reads again at each start; until it has, it is not ready. */
@ApplicationScoped
public class Replay {
    private final TopicProgress events = new TopicProgress(Topics.EVENTS);
    private final TopicProgress checkpoints = new TopicProgress(Topics.CHECKPOINTS);
    private final TopicProgress replicas = new TopicProgress(Topics.REPLICAS);
    private final UnreadableRecords unreadable =
            new UnreadableRecords(Topics.EVENTS, Topics.CHECKPOINTS, Topics.REPLICAS);

    void count(@Observes StartupEvent event, MeterRegistry metrics) {
        for (var progress : List.of(events, checkpoints, replicas)) {
            TopicMeters.lag(metrics, "lorikeet.topic.lag", progress, Tags.of("topic", progress.topic()));
        }
        TopicMeters.unreadable(metrics, unreadable);
    }

    /** Of {@link Topics#EVENTS}. */
    public TopicProgress events() {
        return events;
    }

    /** Of {@link Topics#CHECKPOINTS}. */
    public TopicProgress checkpoints() {
        return checkpoints;
    }

    /** Of {@link Topics#REPLICAS}. */
    public TopicProgress replicas() {
        return replicas;
    }

    /** Of all. */
    public UnreadableRecords unreadable() {
        return unreadable;
    }

    /** Whether what stood on the topics at start is known, and what comes will be. */
    public boolean done() {
        return topics().stream()
                .allMatch(topic -> topic.replayed() && topic.dead().isEmpty());
    }

    /** Those without which the gateway does not know enough to answer. */
    List<TopicProgress> topics() {
        return List.of(events, checkpoints);
    }
}
