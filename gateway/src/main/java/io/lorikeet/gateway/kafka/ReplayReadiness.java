package io.lorikeet.gateway.kafka;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once jobs and adapters are known, and as long as what comes will be. */
@Readiness
@ApplicationScoped
public class ReplayReadiness implements HealthCheck {
    private final Replay replay;
    private final Broker broker;

    ReplayReadiness(Replay replay, Broker broker) {
        this.replay = replay;
        this.broker = broker;
    }

    @Override
    public HealthCheckResponse call() {
        var topics = replay.topics();
        var response = HealthCheckResponse.named("topics replayed").status(replay.done());
        topics.forEach(topic -> response.withData(topic.topic(), topic.describe()));
        // told, and no reason to be taken out of service: every replica of the gateway has the same broker
        response.withData("broker", broker.describe());
        return response.build();
    }
}
