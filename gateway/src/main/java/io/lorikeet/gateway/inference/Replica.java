package io.lorikeet.gateway.inference;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A replica of the inference service, as this gateway sees it. */
final class Replica {
    /** What it says, or does not say, of itself. */
    sealed interface Health {
        /** Nobody has asked yet. */
        record Unknown() implements Health {}

        /** It takes requests, and may say its name. */
        record Ready(Optional<String> name) implements Health {}

        /** It does not. */
        record NotReady(String why) implements Health {}
    }

    private final Endpoint endpoint;
    private final TypedGuard<Uni<InferenceAnswer>> breaker;
    private final Duration pause;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final TokenRate tokens = new TokenRate();

    /** Requests without an answer yet. */
    private final Set<Attempt> waiting = ConcurrentHashMap.newKeySet();

    private volatile Health health = new Health.Unknown();
    /** Its name, once it has said it. */
    private volatile Optional<String> name = Optional.empty();
    /** When it may be tried again after its requests failed; 0: now. */
    private volatile long closedUntil;

    Replica(Endpoint endpoint, Breakers breakers) {
        this.endpoint = endpoint;
        this.pause = breakers.pause();
        this.breaker = breakers.create(endpoint.toString(), this::circuit);
    }

    private void circuit(CircuitBreakerState state) {
        closedUntil = state == CircuitBreakerState.OPEN ? System.nanoTime() + pause.toNanos() : 0;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Stands before each request to it, and refuses them for a while when they fail. */
    TypedGuard<Uni<InferenceAnswer>> breaker() {
        return breaker;
    }

    /** Whether requests are refused since others have failed. */
    boolean isShutOff() {
        return closedUntil != 0 && System.nanoTime() - closedUntil < 0;
    }

    boolean isReady() {
        return switch (health) {
            case Health.Ready _, Health.Unknown _ -> true;
            case Health.NotReady _ -> false;
        };
    }

    Health health() {
        return health;
    }

    Optional<String> name() {
        return name;
    }

    /** What a probe has found. */
    void found(Health found) {
        if (found instanceof Health.Ready(Optional<String> said) && said.isPresent()) {
            name = said;
        }
        health = found;
    }

    /** How many tokens it generates, for all gateways. */
    TokenRate tokens() {
        return tokens;
    }

    /** Requests that it is answering for this gateway. */
    int outstanding() {
        return outstanding.get();
    }

    void began(Attempt attempt) {
        outstanding.incrementAndGet();
        waiting.add(attempt);
    }

    void answered(Attempt attempt) {
        waiting.remove(attempt);
    }

    void ended(Attempt attempt) {
        waiting.remove(attempt);
        outstanding.decrementAndGet();
    }

    /** Those that wait for its answer, which may never come, go elsewhere. */
    void giveUpWaiting() {
        waiting.forEach(Attempt::giveUp);
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
