package io.lorikeet.gateway.kafka;

import io.lorikeet.contracts.Topics;
import io.lorikeet.messaging.TopicProgress;
import io.lorikeet.messaging.UnreadableRecords;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/** Everything that the gateway knows it reads again at each start; until it has, it is not ready. */
@ApplicationScoped
public class Replay {
    private final TopicProgress events = new TopicProgress(Topics.EVENTS);
    private final TopicProgress checkpoints = new TopicProgress(Topics.CHECKPOINTS);
    private final UnreadableRecords unreadable = new UnreadableRecords(Topics.EVENTS, Topics.CHECKPOINTS);

    void count(@Observes StartupEvent event, MeterRegistry metrics) {
        for (var topic : unreadable.topics()) {
            FunctionCounter.builder(UnreadableRecords.METRIC, unreadable, it -> it.count(topic))
                    .description(UnreadableRecords.DESCRIPTION)
                    .tag("topic", topic)
                    .register(metrics);
        }
    }

    /** Of {@link Topics#EVENTS}. */
    public TopicProgress events() {
        return events;
    }

    /** Of {@link Topics#CHECKPOINTS}. */
    public TopicProgress checkpoints() {
        return checkpoints;
    }

    /** Of both. */
    public UnreadableRecords unreadable() {
        return unreadable;
    }

    List<TopicProgress> topics() {
        return List.of(events, checkpoints);
    }
}
