package io.lorikeet.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.gateway.BrokerResource;
import io.lorikeet.gateway.InferenceResource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** In a running gateway, as a replica's circuit breaker needs one. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class ReplicaMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    /** Where replicas come and go each has an address of its own, and series would pile up. */
    @Test
    void nothingIsLeftOfAReplicaThatHasLeft() {
        var metrics = new ReplicaMetrics(registry);
        int before = registry.getMeters().size();
        var stays = replica("10.0.0.1");
        var leaves = replica("10.0.0.2");
        metrics.joined(stays);
        metrics.attempted(stays, "answered");
        int withOne = registry.getMeters().size();
        assertThat(withOne).isGreaterThan(before);

        metrics.joined(leaves);
        metrics.attempted(leaves, "answered");
        metrics.attempted(leaves, "gone");
        metrics.left(leaves);

        assertThat(registry.getMeters()).hasSize(withOne);
    }

    private static Replica replica(String address) {
        return new Replica(
                new Endpoint(URI.create("http://inference:8001"), address), new Breakers(Duration.ofSeconds(1)));
    }
}
