package io.lorikeet.gateway.inference;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.util.TypeLiteral;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/**
 * The guards of requests.
 *
 * @param timeout until an answer begins
 */
record Breakers(Duration timeout) {
    /** Of so many requests half have to fail before a replica gets no more for a while. */
    private static final int VOLUME = 20;

    private static final double RATIO = 0.5;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** More than the connections that are likely to be left of a replica that goes away. */
    private static final int RETRIES = 8;

    private static final long RETRY_DELAY_MILLIS = 10;
    private static final long MAX_RETRY_DELAY_MILLIS = 200;

    /** How long a replica whose requests fail gets none. */
    Duration pause() {
        return PAUSE;
    }

    /** Of one replica: a time-out, and a circuit breaker. */
    TypedGuard<Uni<InferenceAnswer>> create(String replica, Consumer<CircuitBreakerState> changed) {
        return TypedGuard.create(new TypeLiteral<Uni<InferenceAnswer>>() {})
                .withDescription(replica)
                .withTimeout()
                .duration(timeout.toMillis(), ChronoUnit.MILLIS)
                .done()
                .withCircuitBreaker()
                .when(AttemptFailure::isOfTheReplica)
                .requestVolumeThreshold(VOLUME)
                .failureRatio(RATIO)
                .delay(PAUSE.toMillis(), ChronoUnit.MILLIS)
                .onStateChange(changed)
                .done()
                .build();
    }

    /** Of a request, around the attempts at one replica and another. */
    static TypedGuard<Uni<InferenceAnswer>> retries(Runnable counted) {
        return TypedGuard.create(new TypeLiteral<Uni<InferenceAnswer>>() {})
                .withDescription("inference")
                .withRetry()
                .whenException(AttemptFailure::isToBeTriedElsewhere)
                .maxRetries(RETRIES)
                .delay(RETRY_DELAY_MILLIS, ChronoUnit.MILLIS)
                .jitter(0, ChronoUnit.MILLIS)
                .withExponentialBackoff()
                .maxDelay(MAX_RETRY_DELAY_MILLIS, ChronoUnit.MILLIS)
                .done()
                .beforeRetry(failure -> {
                    AttemptFailure.drop(failure);
                    counted.run();
                })
                .done()
                .build();
    }
}
