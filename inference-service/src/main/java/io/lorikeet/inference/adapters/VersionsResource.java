package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.FILE_MISSING;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.ReplicaRoutes;
import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.RequestContext;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where gateways hand over the checkpoint of a version that a request names, or that somebody wants to know the fitness of. */
@Path(ReplicaRoutes.ADAPTERS)
public class VersionsResource {
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final AdapterSwaps swaps;

    @Inject
    VersionsResource(AdapterSwaps swaps) {
        this.swaps = swaps;
    }

    /** Takes a version in beside what is served; answers when requests can name it. */
    @PUT
    @Path("/{name}/versions/{version}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Void> take(@PathParam("name") String name, @PathParam("version") String version, byte[] body) {
        var event = Json.read(body, CheckpointEvent.class);
        RequestContext.adapter(event.adapter(), Optional.of(event.version()));
        requireSame("adapter", event.adapter(), name);
        requireSame("version", event.version(), version);
        return Uni.createFrom()
                .completionStage(() -> swaps.take(event))
                .onFailure()
                .transform(VersionsResource::worded);
    }

    private static void requireSame(String field, String found, String expected) {
        if (!found.equals(expected)) {
            throw new ContractException(
                    "checkpoint event", new Problem(field, "is " + found, expected + ", as the path says"));
        }
    }

    private static Throwable worded(Throwable failure) {
        return failure instanceof AdapterRejectedException refused ? refusal(refused) : failure;
    }

    private static ApiException refusal(AdapterRejectedException e) {
        if (e.reason().equals(FILE_MISSING.label())) {
            return refusal(404, e, Optional.empty());
        }
        return e.mayPass() ? refusal(503, e, Optional.of(RETRY)) : refusal(422, e, Optional.empty());
    }

    private static ApiException refusal(int status, AdapterRejectedException e, Optional<Duration> retryAfter) {
        return ApiException.of(new ApiError(status, e.getMessage(), null, e.reason(), List.of(), retryAfter));
    }
}
