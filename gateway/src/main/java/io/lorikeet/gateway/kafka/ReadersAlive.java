package io.lorikeet.gateway.kafka;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive as long as both topics are read; a new process reads them again. */
@Liveness
@ApplicationScoped
public class ReadersAlive implements HealthCheck {
    private final Replay replay;

    ReadersAlive(Replay replay) {
        this.replay = replay;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("topics read");
        var alive = true;
        for (var topic : replay.topics()) {
            var dead = topic.dead();
            dead.ifPresent(why -> response.withData(topic.topic(), why));
            alive &= dead.isEmpty();
        }
        return response.status(alive).build();
    }
}
