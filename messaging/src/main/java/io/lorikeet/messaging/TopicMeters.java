package io.lorikeet.messaging;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/** What every service says of the topics that it reads. */
public final class TopicMeters {
    private TopicMeters() {}

    /** {@code lorikeet_records_unreadable_total}, with a label {@code topic}. */
    public static void unreadable(MeterRegistry registry, UnreadableRecords records) {
        for (var topic : records.topics()) {
            FunctionCounter.builder("lorikeet.records.unreadable", records, it -> it.count(topic))
                    .description("Records that could not be read and were passed over")
                    .tag("topic", topic)
                    .register(registry);
        }
    }

    /** A gauge of the records that were not read yet; NaN until the broker has said. */
    public static void lag(MeterRegistry registry, String name, TopicProgress progress, Tags tags) {
        Gauge.builder(name, progress, it -> {
                    var lag = it.lag();
                    return lag.isPresent() ? lag.getAsLong() : Double.NaN;
                })
                .description("Records of the topic that were not read yet; NaN until the broker has said")
                .tags(tags)
                .register(registry);
    }

    /** {@code lorikeet_kafka_up}. */
    public static void up(MeterRegistry registry, BrokerWatch broker) {
        Gauge.builder("lorikeet.kafka.up", broker, it -> it.answers() ? 1 : 0)
                .description("Whether the broker answers")
                .register(registry);
    }
}
