package io.lorikeet.inference;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.http.ApiException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.health.SmallRyeHealthReporter;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Duration;

/**
 * Whether this replica takes requests: what the management port says under {@code /q/health/ready}, here for gateways, which
 * do not reach that port.
 */
@Path("/replica")
public class ReplicaResource {
    private static final Duration LATER = Duration.ofSeconds(1);

    private final SmallRyeHealthReporter health;
    private final ReplicaName name;
    private final InferenceEngine engine;

    /**
     * A replica that is ready.
     *
     * @param generatedTokens since its start
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Ready(String replica, long generatedTokens) {}

    @Inject
    ReplicaResource(SmallRyeHealthReporter health, ReplicaName name, InferenceEngine engine) {
        this.health = health;
        this.name = name;
        this.engine = engine;
    }

    /** 200 if it does, 503 if not, or not yet. */
    @GET
    @RunOnVirtualThread
    public Ready ready() {
        if (health.getReadiness().isDown()) {
            throw ApiException.unavailable("this replica is not ready; /q/health/ready says why", LATER, null);
        }
        return new Ready(name.get(), engine.stats().generatedTokens());
    }
}
