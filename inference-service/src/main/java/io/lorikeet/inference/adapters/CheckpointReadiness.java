package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.Topics;
import io.lorikeet.inference.Draining;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once the checkpoint topic has been replayed to the end that it had at start, until it is told to stop. A rejected adapter is told as data and
 * leaves the replica ready: the others, and the old version, go on being served.
 */
@Readiness
public class CheckpointReadiness implements HealthCheck {
    private final CheckpointReplay replay;
    private final CheckpointConsumer consumer;
    private final AdapterSwaps swaps;
    private final Draining draining;

    @Inject
    CheckpointReadiness(CheckpointReplay replay, CheckpointConsumer consumer, AdapterSwaps swaps, Draining draining) {
        this.draining = draining;
        this.replay = replay;
        this.consumer = consumer;
        this.swaps = swaps;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named(Topics.CHECKPOINTS)
                .status(replay.complete() && consumer.dead().isEmpty() && !draining.begun())
                .withData("offset", replay.seen())
                // no reason to be taken out of service: what is served is served on
                .withData("broker", consumer.broker().describe());
        consumer.dead().or(consumer::trouble).ifPresent(why -> response.withData("trouble", why));
        for (var loading : swaps.loading()) {
            if (loading.detail() != null) {
                response.withData("waits " + loading.adapter(), loading.version() + ": " + loading.detail());
            }
        }
        for (var rejection : swaps.rejections()) {
            response.withData(
                    "rejected " + rejection.adapter(),
                    "%s (%s): %s".formatted(rejection.version(), rejection.reason(), rejection.detail()));
        }
        return response.build();
    }
}
