package io.lorikeet.gateway.chat;

import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.gateway.inference.InferenceClient;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** OpenAI's API: requests and answers pass through untouched, so its clients work as they are. */
@Path("/v1")
@Tag(name = "OpenAI")
public class ChatResource {
    private final InferenceClient inference;

    ChatResource(InferenceClient inference) {
        this.inference = inference;
    }

    @POST
    @Path("/chat/completions")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces({MediaType.APPLICATION_JSON, EventStream.MEDIA_TYPE})
    @Operation(
            summary = "Chat completion",
            description =
                    "OpenAI's request, also with \"stream\": true; `model` is the base's id or an adapter's name.")
    @RequestBody(required = true, content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
    public Uni<Response> complete(byte[] body) {
        return inference.post("/v1/chat/completions", Buffer.buffer(body)).flatMap(PassedOn::answer);
    }

    @POST
    @Path("/completions")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces({MediaType.APPLICATION_JSON, EventStream.MEDIA_TYPE})
    @Operation(
            summary = "Text completion",
            description =
                    "Goes on with a text as it is, without the model's chat template; also with \"stream\": true.")
    @RequestBody(required = true, content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
    public Uni<Response> completeText(byte[] body) {
        return inference.post("/v1/completions", Buffer.buffer(body)).flatMap(PassedOn::answer);
    }

    @GET
    @Path("/models")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "The base model and the adapters that are served")
    public Uni<Response> models() {
        return inference.get("/v1/models").flatMap(PassedOn::answer);
    }

    @GET
    @Path("/models/{model}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "One of them")
    public Uni<Response> model(@PathParam("model") String model) {
        var id = URLEncoder.encode(model, StandardCharsets.UTF_8).replace("+", "%20");
        return inference.get("/v1/models/" + id).flatMap(PassedOn::answer);
    }
}
