package io.lorikeet.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.gateway.BrokerResource;
import io.lorikeet.gateway.InferenceResource;
import io.lorikeet.gateway.access.TokenMeter;
import io.lorikeet.gateway.adapters.ReplicaCatalog.Standing;
import io.lorikeet.gateway.inference.Replica.Health;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** In a running gateway, as a replica's circuit breaker needs one. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class ReplicaChoiceTest {
    @Inject
    Vertx vertx;

    private final Breakers breakers = new Breakers(Duration.ofSeconds(1));
    private final Replica left = replica("10.0.0.1");
    private final Replica right = replica("10.0.0.2");
    private final Map<Replica, Standing> standings = new HashMap<>();
    private final Set<Replica> asked = new HashSet<>();

    private Replica replica(String address) {
        return new Replica(new Endpoint(URI.create("http://inference:8001"), address), breakers);
    }

    private void busy(Replica replica, int outstanding) {
        for (int i = 0; i < outstanding; i++) {
            replica.began(
                    new Attempt(replica, vertx.getOrCreateContext(), TokenMeter.NONE, Duration.ofSeconds(1), true));
        }
    }

    private Replica chosen(String model) {
        return ReplicaChoice.choose(
                        List.of(left, right),
                        asked,
                        Optional.of(model),
                        replica -> standings.getOrDefault(replica, Standing.UNKNOWN))
                .orElseThrow();
    }

    @Test
    void theOneWithTheFewestOutstandingRequests() {
        busy(left, 2);
        busy(right, 1);

        assertThat(chosen("base")).isSameAs(right);
    }

    @Test
    void theOneThatHasTheAdapterOnItsDeviceUnlessItIsClearlyBusier() {
        standings.put(left, Standing.RESIDENT);
        standings.put(right, Standing.SERVED);

        busy(left, ReplicaChoice.CLEARLY_BUSIER - 1);
        assertThat(chosen("poet")).isSameAs(left);
        busy(left, 1);
        assertThat(chosen("poet")).isSameAs(right);
    }

    @Test
    void neverOneThatDoesNotServeTheAdapterWhileAnotherDoes() {
        standings.put(left, Standing.ABSENT);
        standings.put(right, Standing.SERVED);
        busy(right, 100);

        assertThat(chosen("poet")).isSameAs(right);
    }

    @Test
    void oneThatIsReadyAndHasNotBeenAsked() {
        left.found(new Health.NotReady("it answers 503"));
        busy(right, 100);
        assertThat(chosen("base")).isSameAs(right);

        asked.add(right);
        assertThat(chosen("base")).as("the last hope").isSameAs(left);
    }

    @Test
    void anyWhereNoneIsReady() {
        left.found(new Health.NotReady("silent"));
        right.found(new Health.NotReady("silent"));
        busy(left, 1);

        assertThat(chosen("base")).isSameAs(right);
    }

    @Test
    void anIdleModelStaysWhereItWasAndModelsAreSpread() {
        var models = IntStream.range(0, 64).mapToObj(i -> "model-" + i).toList();
        var first = models.stream().map(this::chosen).toList();

        assertThat(models.stream().map(this::chosen)).containsExactlyElementsOf(first);
        assertThat(first.stream().filter(left::equals).count()).isBetween(16L, 48L);
    }
}
