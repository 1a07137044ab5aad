package io.lorikeet.gateway.kafka;

import io.lorikeet.contracts.Topics;
import io.lorikeet.messaging.TopicProgress;
import io.lorikeet.messaging.UnreadableRecords;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.OptionalLong;

/** Everything that the gateway knows it reads again at each start; until it has, it is not ready. */
@ApplicationScoped
public class Replay {
    private final TopicProgress events = new TopicProgress(Topics.EVENTS);
    private final TopicProgress checkpoints = new TopicProgress(Topics.CHECKPOINTS);
    private final UnreadableRecords unreadable = new UnreadableRecords(Topics.EVENTS, Topics.CHECKPOINTS);

    void count(@Observes StartupEvent event, MeterRegistry metrics) {
        for (var progress : topics()) {
            Gauge.builder("lorikeet.topic.lag", progress, it -> lag(it.lag()))
                    .description(
                            "Records of the topic that this gateway has not read yet; NaN until the broker has said")
                    .tag("topic", progress.topic())
                    .register(metrics);
        }
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

    private static double lag(OptionalLong records) {
        return records.isPresent() ? records.getAsLong() : Double.NaN;
    }

    List<TopicProgress> topics() {
        return List.of(events, checkpoints);
    }
}
