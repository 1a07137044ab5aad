package io.lorikeet.messaging;

import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.config.Config;

/** {@link ClientSettings} out of a service's configuration, for its own clients and for those of its messaging library. */
@Singleton
public final class KafkaConnection {
    /** The name under which the settings are injected, by us and by SmallRye. */
    public static final String NAME = "default-kafka-broker";

    @Produces
    @Singleton
    @Identifier(NAME)
    Map<String, Object> settings(Config config) {
        Map<String, Object> settings =
                ClientSettings.of(ClientSettings.below(name -> config.getOptionalValue(name, String.class)));
        if (settings.containsKey(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG)) {
            tryOut(settings);
        }
        return Map.copyOf(settings);
    }

    /** A client that cannot be made, as its certificates cannot be read, would never be made later either. */
    private static void tryOut(Map<String, Object> settings) {
        try {
            Admin.create(settings).close(Duration.ZERO);
        } catch (KafkaException e) {
            throw new IllegalArgumentException(
                    "No Kafka client can be made of these settings: " + Refusal.innermost(e), e);
        }
    }
}
