package io.lorikeet.gateway.ask;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.chat.PassedOn;
import io.lorikeet.gateway.inference.BaseModelId;
import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.gateway.inference.InferenceAnswer;
import io.lorikeet.gateway.inference.InferenceClient;
import io.lorikeet.gateway.inference.StreamedBody;
import io.lorikeet.http.ProblemDetail;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** One question, one answer. */
@Path("/ask")
@Tag(name = "Asking")
public class AskResource {
    private static final String COMPLETIONS = "/v1/chat/completions";

    private final InferenceClient inference;
    private final BaseModelId base;
    private final AdapterCatalog adapters;
    private final GatewayConfig config;

    AskResource(InferenceClient inference, BaseModelId base, AdapterCatalog adapters, GatewayConfig config) {
        this.inference = inference;
        this.base = base;
        this.adapters = adapters;
        this.config = config;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces({MediaType.APPLICATION_JSON, EventStream.MEDIA_TYPE})
    @Operation(
            summary = "Ask a question",
            description =
                    "With \"stream\": true the answer comes as server-sent events: {\"delta\": \"…\"} records, then"
                            + " the whole answer, or {\"error\": …} if it broke off.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = AskRequest.class)))
    @APIResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = AskAnswer.class)))
    @APIResponse(
            responseCode = "default",
            description = "What was wrong, where, and what would be right",
            content =
                    @Content(
                            mediaType = ProblemDetail.MEDIA_TYPE,
                            schema = @Schema(implementation = ProblemDetail.class)))
    public Uni<Response> ask(byte[] body) {
        var question = AskRequest.read(body);
        return answer(question).flatMap(answer -> respond(question, answer));
    }

    private Uni<InferenceAnswer> answer(AskRequest question) {
        var named = question.model();
        if (named.isPresent()) {
            return complete(named.get(), question);
        }
        var byDefault = config.defaultAdapter().filter(adapters::serves);
        return byDefault.isEmpty() ? askBase(question) : askDefault(byDefault.get(), question);
    }

    /** The default adapter may be published and not yet, or never, be served: then the base answers, and says so. */
    private Uni<InferenceAnswer> askDefault(String adapter, AskRequest question) {
        return complete(adapter, question).flatMap(answer -> {
            if (answer.status() != Response.Status.NOT_FOUND.getStatusCode()) {
                return Uni.createFrom().item(answer);
            }
            answer.cancel();
            return askBase(question);
        });
    }

    private Uni<InferenceAnswer> askBase(AskRequest question) {
        return base.get().flatMap(id -> complete(id, question)).invoke(answer -> {
            if (answer.status() == Response.Status.NOT_FOUND.getStatusCode()) {
                base.forget();
            }
        });
    }

    private Uni<InferenceAnswer> complete(String model, AskRequest question) {
        return inference.post(COMPLETIONS, Buffer.buffer(Json.write(completion(model, question))));
    }

    private static ObjectNode completion(String model, AskRequest question) {
        var json = Json.mapper().createObjectNode();
        json.put("model", model).put("max_tokens", question.maxNewTokens()).put("temperature", question.temperature());
        if (question.user() != null) {
            json.put("user", question.user());
        }
        var messages = json.putArray("messages");
        if (question.system() != null) {
            messages.addObject().put("role", "system").put("content", question.system());
        }
        messages.addObject().put("role", "user").put("content", question.question());
        if (question.stream()) {
            json.put("stream", true).putObject("stream_options").put("include_usage", true);
        }
        return json;
    }

    private static Uni<Response> respond(AskRequest question, InferenceAnswer answer) {
        if (!answer.ok()) {
            return answer.fail();
        }
        if (question.stream()) {
            var body = new StreamedBody(StreamedAnswer.of(answer.body()));
            return Uni.createFrom().item(PassedOn.head(answer).entity(body).build());
        }
        return answer.json()
                .map(completion ->
                        PassedOn.head(answer).entity(AskAnswer.of(completion)).build());
    }
}
