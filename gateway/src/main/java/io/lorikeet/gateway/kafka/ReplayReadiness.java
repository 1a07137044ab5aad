package io.lorikeet.gateway.kafka;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once jobs and adapters are known. */
@Readiness
@ApplicationScoped
public class ReplayReadiness implements HealthCheck {
    private final Replay replay;

    ReplayReadiness(Replay replay) {
        this.replay = replay;
    }

    @Override
    public HealthCheckResponse call() {
        var topics = List.of(replay.events(), replay.checkpoints());
        var response = HealthCheckResponse.named("topics replayed")
                .status(topics.stream().allMatch(TopicProgress::replayed));
        topics.forEach(topic -> response.withData(topic.topic(), topic.describe()));
        return response.build();
    }
}
