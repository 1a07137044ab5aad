package io.lorikeet.gateway.responses;

import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.chat.PassedOn;
import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.gateway.inference.InferenceAnswer;
import io.lorikeet.gateway.inference.InferenceClient;
import io.lorikeet.gateway.inference.StreamedBody;
import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** OpenAI's responses. None is kept: what needs one that was is refused by name. */
@Path("/v1/responses")
@Tag(name = "OpenAI")
public class ResponsesResource {
    private final InferenceClient inference;

    ResponsesResource(InferenceClient inference) {
        this.inference = inference;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces({MediaType.APPLICATION_JSON, EventStream.MEDIA_TYPE})
    @Operation(
            summary = "Response",
            description =
                    "OpenAI's request, also with \"stream\": true: texts, function tools, `text.format`. Responses are"
                            + " not kept, so `previous_response_id`, `conversation` and `background` are refused.")
    @RequestBody(required = true, content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
    public Uni<Response> create(byte[] body) {
        var request = ResponsesRequest.read(body);
        return inference
                .post("/v1/chat/completions", Buffer.buffer(Json.write(request.chat())))
                .flatMap(answer -> respond(request, answer));
    }

    /** Whatever one wants of a response that was given before. */
    @Path("{rest: .+}")
    @Operation(hidden = true)
    public Object kept() {
        throw ApiException.of(new ApiError(
                404,
                "responses are not kept: POST /v1/responses answers with the whole of one, and takes the whole conversation"
                        + " as input",
                null,
                "not_offered",
                List.of(),
                Optional.empty()));
    }

    private static Uni<Response> respond(ResponsesRequest request, InferenceAnswer answer) {
        if (!answer.ok()) {
            return PassedOn.answer(answer);
        }
        if (request.stream()) {
            var events = new StreamedBody(ResponseEvents.of(request.asked(), answer.body()));
            return Uni.createFrom().item(PassedOn.head(answer).entity(events).build());
        }
        return answer.json().map(completion -> PassedOn.head(answer)
                .entity(Json.write(ResponseObject.of(request.asked(), completion)))
                .build());
    }
}
