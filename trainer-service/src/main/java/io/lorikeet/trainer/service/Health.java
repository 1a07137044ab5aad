package io.lorikeet.trainer.service;

import io.lorikeet.trainer.queue.QueueHealth;
import io.lorikeet.trainer.service.TrainerService.State;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** The trainer's health checks. */
final class Health {
    /** The queue's thread comes by every second, and waits for a broker at most this long. */
    private static final Duration QUEUE_SILENCE = Duration.ofMinutes(2);

    private Health() {}

    /** Whether a job is running that is silent for longer than a long step explains. */
    private static boolean stuck(QueueHealth.Snapshot queue) {
        return queue.phase().equals("ended") || queue.lastTurn().compareTo(QUEUE_SILENCE) > 0;
    }

    private static boolean hung(QueueHealth.Snapshot queue, Heartbeat heartbeat, TrainerConfig config) {
        return queue.job().isPresent()
                && heartbeat
                                .silence()
                                .compareTo(heartbeat.allowed(config.health().hangAfter()))
                        > 0;
    }

    /** Alive: the threads that read commands and cancels turn, and a running job gives signs of life. */
    @Liveness
    @ApplicationScoped
    static class Alive implements HealthCheck {
        private final TrainerService service;
        private final Heartbeat heartbeat;
        private final TrainerConfig config;

        Alive(TrainerService service, Heartbeat heartbeat, TrainerConfig config) {
            this.service = service;
            this.heartbeat = heartbeat;
            this.config = config;
        }

        @Override
        public HealthCheckResponse call() {
            var response = HealthCheckResponse.named("training");
            if (!(service.state() instanceof State.Running(var queue, var checks))) {
                return response.up().build();
            }
            QueueHealth.Snapshot snapshot = queue.health().snapshot();
            Duration allowed = heartbeat.allowed(config.health().hangAfter());
            QueueHealth.Snapshot checking = checks.health().snapshot();
            boolean stuck = stuck(snapshot) || stuck(checking);
            response.withData("queue", snapshot.phase())
                    .withData("queue_silent_seconds", snapshot.lastTurn().toSeconds())
                    .withData("checks", checking.phase());
            if (snapshot.job().isPresent()) {
                response.withData("job", snapshot.job().get())
                        .withData("phase", heartbeat.phase())
                        .withData("lease_held", snapshot.leaseHeld())
                        .withData("silent_seconds", heartbeat.silence().toSeconds())
                        .withData("silence_allowed_seconds", allowed.toSeconds());
            }
            queue.deaf().ifPresent(why -> response.withData("cancels", why));
            return response.status(!stuck && queue.deaf().isEmpty() && !hung(snapshot, heartbeat, config))
                    .build();
        }
    }

    /** Ready: commands are taken as they come, or one is being worked on and no hang keeps it. */
    @Readiness
    @ApplicationScoped
    static class Ready implements HealthCheck {
        private final TrainerService service;
        private final Heartbeat heartbeat;
        private final TrainerConfig config;

        Ready(TrainerService service, Heartbeat heartbeat, TrainerConfig config) {
            this.service = service;
            this.heartbeat = heartbeat;
            this.config = config;
        }

        @Override
        public HealthCheckResponse call() {
            var response = HealthCheckResponse.named("command-queue")
                    // no reason to be not ready: a running job trains on, and its events wait
                    .withData("broker", service.broker().describe());
            return switch (service.state()) {
                case State.Running(var queue, var checks) -> {
                    QueueHealth.Snapshot snapshot = queue.health().snapshot();
                    response.withData("queue", snapshot.phase())
                            .withData("checks", checks.health().snapshot().phase());
                    snapshot.problem().ifPresent(problem -> response.withData("problem", problem));
                    boolean hung = hung(snapshot, heartbeat, config);
                    if (hung) {
                        response.withData(
                                "problem",
                                "job %s hangs in %s".formatted(snapshot.job().orElseThrow(), heartbeat.phase()));
                    }
                    boolean takes =
                            snapshot.phase().equals("idle") || snapshot.phase().equals("training");
                    queue.deaf().ifPresent(why -> response.withData("problem", "cancels are not heard: " + why));
                    yield response.status(takes && !hung && queue.deaf().isEmpty())
                            .build();
                }
                case State.Connecting(var problem) -> {
                    problem.ifPresent(why -> response.withData("problem", why));
                    yield response.down().build();
                }
            };
        }
    }
}
