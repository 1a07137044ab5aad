package io.lorikeet.gateway.kafka;

import io.lorikeet.messaging.BrokerWatch;
import io.lorikeet.messaging.TopicMeters;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Map;

/** Whether the broker answers, for people and their alerts: the gateway answers questions without it. */
@ApplicationScoped
public class Broker {
    private final BrokerWatch watch;

    Broker(@Identifier("default-kafka-broker") Map<String, Object> connection) {
        watch = new BrokerWatch(connection);
    }

    void start(@Observes StartupEvent event, MeterRegistry metrics) {
        TopicMeters.up(metrics, watch);
        watch.start();
    }

    void stop(@Observes ShutdownEvent event) {
        watch.close();
    }

    /** In words. */
    public String describe() {
        return watch.describe();
    }
}
