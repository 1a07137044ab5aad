package io.lorikeet.gateway.inference;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/** What each replica of the inference service is asked, and how it is, as this gateway sees it. */
@ApplicationScoped
public class ReplicaMetrics {
    private static final String ATTEMPTS = "lorikeet.inference.attempts";

    private final MeterRegistry registry;
    private final Counter retries;
    private final Map<Replica, List<Meter>> meters = new ConcurrentHashMap<>();

    ReplicaMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.retries = Counter.builder("lorikeet.inference.retries")
                .description("Requests that were sent once more, to another replica if there is one")
                .register(registry);
    }

    void joined(Replica replica) {
        meters.put(
                replica,
                List.of(
                        gauge(
                                replica,
                                "lorikeet.inference.ready",
                                "1 if the replica takes requests",
                                it -> it.isReady() ? 1 : 0),
                        gauge(
                                replica,
                                "lorikeet.inference.shut.off",
                                "1 while the replica gets no requests since its last ones failed",
                                it -> it.isShutOff() ? 1 : 0),
                        gauge(
                                replica,
                                "lorikeet.inference.outstanding",
                                "Requests of this gateway that the replica is answering",
                                Replica::outstanding)));
    }

    void left(Replica replica) {
        meters.remove(replica).forEach(registry::remove);
        // addresses are never the same again where replicas come and go
        registry.find(ATTEMPTS).tag("replica", replica.toString()).counters().forEach(registry::remove);
    }

    void retried() {
        retries.increment();
    }

    /** Counts an attempt at a replica by what came of it: {@code answered}, or the kind of failure. */
    void attempted(Replica replica, String outcome) {
        registry.counter(ATTEMPTS, "replica", replica.toString(), "outcome", outcome)
                .increment();
    }

    private Meter gauge(Replica replica, String name, String description, ToDoubleFunction<Replica> value) {
        return Gauge.builder(name, replica, value)
                .description(description)
                .tag("replica", replica.toString())
                .register(registry);
    }
}
