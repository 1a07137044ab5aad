package io.lorikeet.trainer.service;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.microprofile.config.Config;

/** The settings of every Kafka client here: whatever the configuration has under {@code kafka.}. */
@ApplicationScoped
class KafkaClientConfig {
    private static final String PREFIX = "kafka.";

    private final Config config;

    KafkaClientConfig(Config config) {
        this.config = config;
    }

    Map<String, Object> client() {
        Map<String, Object> client = new HashMap<>();
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(PREFIX)) {
                config.getOptionalValue(name, String.class)
                        .ifPresent(value -> client.put(name.substring(PREFIX.length()), value));
            }
        }
        return client;
    }

    Map<String, Object> producer() {
        Map<String, Object> producer = client();
        producer.put("acks", "all");
        producer.put("enable.idempotence", true);
        // an event waits for the broker as long as it takes; only the end of the process makes it give up
        producer.put("delivery.timeout.ms", Integer.MAX_VALUE);
        producer.put("max.block.ms", Long.MAX_VALUE);
        return producer;
    }
}
