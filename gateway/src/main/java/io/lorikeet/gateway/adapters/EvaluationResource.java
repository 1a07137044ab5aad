package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.adapters.Evaluation.Answered;
import io.lorikeet.gateway.adapters.Evaluation.Question;
import io.lorikeet.gateway.adapters.Evaluation.Result;
import io.lorikeet.gateway.inference.InferenceClient;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Acceptance questions to whoever is served, or to any version: judged by the rule of a training job. */
@Path("/v1/adapters")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Adapters")
public class EvaluationResource {
    /** More would make others wait. */
    private static final int ASKED_AT_ONCE = 4;

    private final AdapterCatalog catalog;
    private final InferenceClient inference;

    EvaluationResource(AdapterCatalog catalog, InferenceClient inference) {
        this.catalog = catalog;
        this.inference = inference;
    }

    private record Answer(Answered answered, String adapter, String version) {}

    @POST
    @Path("/{name}/evaluate")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Ask acceptance questions and judge the answers",
            description = "As a training job does before its adapter is served: at temperature 0, by `must_contain` and"
                    + " `must_not_contain`. All are asked of one version. The base model's id is a name, too.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = Evaluation.class)))
    public Uni<Result> evaluate(@PathParam("name") String name, byte[] body) {
        var evaluation = Evaluation.read(body);
        var version = Optional.ofNullable(evaluation.version()).or(() -> catalog.servedVersion(name));
        var model = new AdapterAddress(name, version).text();
        var answers =
                evaluation.questions().stream().map(each -> ask(model, each)).toList();
        return Uni.join()
                .all(answers)
                .usingConcurrencyOf(ASKED_AT_ONCE)
                .andFailFast()
                .map(EvaluationResource::result);
    }

    private Uni<Answer> ask(String model, Question question) {
        return inference
                .complete(Buffer.buffer(Json.write(question.completion(model))))
                .map(whole -> {
                    var text = whole.at("/choices/0/message/content").asText();
                    var served = whole.path("lorikeet");
                    return new Answer(
                            question.answered(text),
                            served.path("adapter").textValue(),
                            served.path("version").textValue());
                });
    }

    private static Result result(List<Answer> answers) {
        var all = answers.stream().map(Answer::answered).toList();
        var one = answers.getFirst();
        return new Result(one.adapter(), one.version(), all.stream().allMatch(Answered::accepted), all);
    }
}
