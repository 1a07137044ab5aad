package io.lorikeet.gateway.adapters;

import io.lorikeet.gateway.adapters.ReplicaCatalog.ReplicaView;
import io.lorikeet.gateway.inference.Replicas;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The replicas of the inference service, as they tell of themselves. */
@Path("/v1/replicas")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Adapters")
public class ReplicasResource {
    private final ReplicaCatalog catalog;
    private final Replicas replicas;

    ReplicasResource(ReplicaCatalog catalog, Replicas replicas) {
        this.catalog = catalog;
        this.replicas = replicas;
    }

    /** All of them, by name. */
    public record ReplicaList(List<ReplicaView> replicas) {}

    @GET
    @Operation(
            summary = "What each replica serves at this moment, and what it has refused",
            description = "As it said last, at most half a minute ago.")
    public ReplicaList list() {
        return new ReplicaList(catalog.views(replicas.addresses()));
    }
}
