package io.lorikeet.gateway.canary;

import io.lorikeet.gateway.adapters.CanaryView;
import io.lorikeet.gateway.adapters.RunningCanaries;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** A version on trial. {@code GET /v1/adapters/{name}} shows how it does. */
@Path("/v1/adapters/{name}/canary")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Adapters")
public class CanaryResource {
    private static final int ACCEPTED = 202;

    private final Canaries canaries;
    private final RunningCanaries running;

    CanaryResource(Canaries canaries, RunningCanaries running) {
        this.canaries = canaries;
        this.running = running;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Try a version on a share of the adapter's requests",
            description =
                    "Requests that name the adapter and no version. Who is answered by it is told by the request's `user`,"
                            + " else by the API key, and stays the same. It is promoted or rolled back by itself as its"
                            + " bounds say.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CanaryRequest.class)))
    @APIResponse(
            responseCode = "202",
            description = "The canary is on the topic of what is served; replicas take it in",
            content = @Content(schema = @Schema(implementation = CanaryView.class)))
    public Uni<Response> start(@PathParam("name") String name, byte[] body) {
        var wanted = CanaryRequest.read(body);
        return canaries.start(name, wanted).map(_ -> shown(name));
    }

    @PATCH
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Give the canary another share",
            description = "Who it answers already, it goes on answering, if the share grows.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = ShareRequest.class)))
    @APIResponse(
            responseCode = "202",
            description = "The share is on the topic",
            content = @Content(schema = @Schema(implementation = CanaryView.class)))
    public Uni<Response> share(@PathParam("name") String name, byte[] body) {
        var share = ShareRequest.read(body).share();
        return canaries.share(name, share).map(_ -> shown(name));
    }

    private Response shown(String name) {
        return Response.status(ACCEPTED).entity(running.of(name).orElse(null)).build();
    }

    @POST
    @Path("/promote")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Promote the canary now", description = "It is the stable version from now on.")
    @APIResponse(responseCode = "204", description = "It is on the topic")
    public Uni<Void> promote(@PathParam("name") String name) {
        return canaries.promote(name);
    }

    @DELETE
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Take the canary back", description = "The stable version answers all requests again.")
    @APIResponse(responseCode = "204", description = "It is on the topic")
    public Uni<Void> rollBack(@PathParam("name") String name) {
        return canaries.rollBack(name);
    }
}
