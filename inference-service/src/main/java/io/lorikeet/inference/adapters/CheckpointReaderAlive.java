package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.Topics;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive as long as the checkpoint topic is read; a new process reads it again. */
@Liveness
public class CheckpointReaderAlive implements HealthCheck {
    private final CheckpointConsumer consumer;

    @Inject
    CheckpointReaderAlive(CheckpointConsumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public HealthCheckResponse call() {
        var dead = consumer.dead();
        var response = HealthCheckResponse.named(Topics.CHECKPOINTS + " read").status(dead.isEmpty());
        dead.ifPresent(why -> response.withData("trouble", why));
        return response.build();
    }
}
