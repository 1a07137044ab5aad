package io.lorikeet.gateway.finetuning;

import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.access.Permissions;
import io.lorikeet.gateway.files.NeedsDataRoot;
import io.lorikeet.gateway.inference.BaseModelId;
import io.lorikeet.gateway.kafka.TopicWriter;
import io.lorikeet.gateway.openai.ListPage;
import io.lorikeet.gateway.training.Jobs;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.RequestContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** OpenAI's fine-tuning jobs. */
@Path("/v1/fine_tuning/jobs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "OpenAI: files and fine-tuning")
@NeedsDataRoot
public class FineTuningResource {
    private static final int PAGE = 20;
    private static final int LONGEST_PAGE = 1_000;
    private static final String METADATA = "metadata[";
    private final FineTuningJobs fineTuning;
    private final Jobs jobs;
    private final TopicWriter topics;
    private final BaseModelId base;
    private final ServedModels served;
    private final Permissions permissions;

    FineTuningResource(
            FineTuningJobs fineTuning,
            Jobs jobs,
            TopicWriter topics,
            BaseModelId base,
            ServedModels served,
            Permissions permissions) {
        this.fineTuning = fineTuning;
        this.jobs = jobs;
        this.topics = topics;
        this.base = base;
        this.served = served;
        this.permissions = permissions;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Train an adapter on an uploaded file",
            description = "OpenAI's request. The job becomes a training command; when it has succeeded, its"
                    + " `fine_tuned_model` is a `model` to ask. Hyperparameters that are \"auto\" are 3 epochs, 16 rows a step"
                    + " and a learning rate of 0.0001.")
    @RequestBody(required = true, content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
    public FineTuningJob create(byte[] body) throws IOException {
        var request = FineTuningRequest.read(body);
        requireBase(request.model());
        var note = FineTuningJobs.begin(request);
        var command = fineTuning.command(note);
        RequestContext.job(command.jobId(), command.adapter());
        permissions.require(command.adapter());
        permissions.requireJob(jobs::underWay);
        fineTuning.keep(note);
        var queued = new TrainingEvent.Queued(command.jobId(), command.adapter(), Instant.now(), command.digest());
        topics.command(command).chain(() -> topics.event(queued)).await().indefinitely();
        return get(note.id());
    }

    @GET
    @Operation(summary = "All fine-tuning jobs, the newest first")
    public ListPage<FineTuningJob> list(
            @Parameter(description = "Most jobs; 20 if not given") @QueryParam("limit") Integer limit,
            @Parameter(description = "Id of the last job of the page before") @QueryParam("after") String after,
            @Context UriInfo uri) {
        var wanted = metadata(uri);
        return ListPage.of(
                fineTuning.ids(),
                after,
                ListPage.limit(limit, PAGE, LONGEST_PAGE),
                id -> fineTuning
                        .find(id)
                        .filter(job -> job.metadata().entrySet().containsAll(wanted.entrySet()))
                        .map(served::shown),
                FineTuningJob::id);
    }

    @GET
    @Path("/{job_id}")
    @Operation(summary = "One fine-tuning job")
    public FineTuningJob get(@PathParam("job_id") String id) {
        return fineTuning.find(id).map(served::shown).orElseThrow(() -> FineTuningJobs.unknown(id));
    }

    @GET
    @Path("/{job_id}/events")
    @Operation(summary = "What happened to it, the newest first")
    public ListPage<FineTuningEvent> events(
            @PathParam("job_id") String id,
            @Parameter(description = "Most events; 20 if not given") @QueryParam("limit") Integer limit,
            @Parameter(description = "Id of the last event of the page before") @QueryParam("after") String after) {
        var events = new LinkedHashMap<String, FineTuningEvent>();
        told(id).reversed().stream().map(FineTuningEvent::of).forEach(event -> events.put(event.id(), event));
        return ListPage.of(
                List.copyOf(events.keySet()),
                after,
                ListPage.limit(limit, PAGE, LONGEST_PAGE),
                event -> Optional.of(events.get(event)),
                FineTuningEvent::id);
    }

    @GET
    @Path("/{job_id}/checkpoints")
    @Operation(summary = "The checkpoint that can be asked, once there is one")
    public ListPage<FineTuningCheckpoint> checkpoints(
            @PathParam("job_id") String id, @QueryParam("limit") Integer limit, @QueryParam("after") String after) {
        var note = note(id);
        var made = jobs.view(id).stream()
                .flatMap(
                        job -> job.outcome() instanceof TrainingEvent.Succeeded succeeded && succeeded.summary() != null
                                ? Stream.of(FineTuningCheckpoint.of(note, succeeded))
                                : Stream.<FineTuningCheckpoint>empty())
                .collect(Collectors.toMap(FineTuningCheckpoint::id, Function.identity()));
        return ListPage.of(
                List.copyOf(made.keySet()),
                after,
                ListPage.limit(limit, PAGE, LONGEST_PAGE),
                checkpoint -> Optional.of(made.get(checkpoint)),
                FineTuningCheckpoint::id);
    }

    @POST
    @Path("/{job_id}/cancel")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Stop a job after the step that it is in")
    public FineTuningJob cancel(@PathParam("job_id") String id) {
        var job = get(id);
        var adapter = note(id).made().adapter();
        RequestContext.job(id, adapter);
        permissions.require(adapter);
        if (job.finishedAt() != null) {
            throw ApiException.badRequest(null, null, "job " + id + " has ended: it is " + job.status());
        }
        topics.command(new CancelCommand(id)).await().indefinitely();
        return get(id);
    }

    @POST
    @Path("/{job_id}/{what: pause|resume}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public FineTuningJob pause(@PathParam("job_id") String id, @PathParam("what") String what) {
        note(id);
        throw ApiException.badRequest(
                null,
                "not_offered",
                what + " is not supported: a job goes on to its end, or is cancelled for good with POST"
                        + " /v1/fine_tuning/jobs/{job_id}/cancel");
    }

    private void requireBase(String model) {
        var id = base.get().await().indefinitely();
        if (!model.equals(id)) {
            // another one may run by now
            base.forget();
            throw ApiException.badRequest(
                    "model",
                    "model_not_available",
                    "model: " + Shown.name(model) + " cannot be fine-tuned; expected " + id);
        }
    }

    private JobNote note(String id) {
        return fineTuning.note(id).orElseThrow(() -> FineTuningJobs.unknown(id));
    }

    private List<TrainingEvent> told(String id) {
        note(id);
        return jobs.told(id).orElse(List.of());
    }

    /** What {@code metadata[KEY]=VALUE} in the query asks for. */
    private static Map<String, String> metadata(UriInfo uri) {
        return uri.getQueryParameters().entrySet().stream()
                .filter(query ->
                        query.getKey().startsWith(METADATA) && query.getKey().endsWith("]"))
                .collect(Collectors.toMap(
                        query -> query.getKey()
                                .substring(METADATA.length(), query.getKey().length() - 1),
                        query -> query.getValue().getFirst()));
    }
}
