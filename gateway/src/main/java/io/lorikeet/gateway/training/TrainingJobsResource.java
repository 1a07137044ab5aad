package io.lorikeet.gateway.training;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.Page;
import io.lorikeet.gateway.access.Permissions;
import io.lorikeet.gateway.inference.BaseModelId;
import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.gateway.inference.StreamedBody;
import io.lorikeet.gateway.kafka.TopicWriter;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.RequestContext;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Training jobs: asked for through Kafka, told by their events. */
@Path("/v1/training/jobs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Training")
public class TrainingJobsResource {
    /** A small job that trains as it stands. */
    private final Jobs jobs;

    private final TopicWriter topics;
    private final BaseModelId base;
    private final Permissions permissions;

    TrainingJobsResource(Jobs jobs, TopicWriter topics, BaseModelId base, Permissions permissions) {
        this.permissions = permissions;
        this.jobs = jobs;
        this.topics = topics;
        this.base = base;
    }

    /**
     * Jobs, the newest first.
     *
     * @param hasMore whether there are older ones: {@code after} the last one's job_id
     */
    public record JobList(List<JobView> jobs, boolean hasMore) {}

    /**
     * A job whose command came again.
     *
     * @param note what that means, and what does not happen
     */
    public record RepeatedJob(@JsonUnwrapped JobView job, String note) {}

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Train an adapter",
            description =
                    "The training command, as it would be published. `type` and `job_id` may be left out. The same"
                            + " command again under the same job_id answers with the job that is there and a `note` on what that"
                            + " means (200), or runs it again if it has failed (202). A dry run that is over leaves its job_id to the"
                            + " next command.")
    @RequestBody(required = true, content = @Content(schema = @Schema(ref = "/schemas/training-command.json")))
    @APIResponse(
            responseCode = "202",
            description = "The command is on its topic",
            content = @Content(schema = @Schema(implementation = JobView.class)))
    @APIResponse(
            responseCode = "200",
            description = "The command of a job that is there",
            content = @Content(schema = @Schema(implementation = RepeatedJob.class)))
    public Uni<Response> train(byte[] body) {
        var command = JobRequest.read(body);
        RequestContext.job(command.jobId(), command.adapter());
        return base.get()
                // the trainers know it, too
                .onFailure()
                .recoverWithNull()
                .invoke(id -> requireOtherName(command, id))
                // a job that is not kept is looked up on the topic
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .chain(() -> claim(command));
    }

    private static void requireOtherName(TrainCommand command, String base) {
        if (command.adapter().equals(base)) {
            throw new ContractException(
                    "training command",
                    new Problem("adapter", "is the base model's name, which no adapter can have", "another name"));
        }
    }

    private Uni<Response> claim(TrainCommand command) {
        var id = command.jobId();
        return switch (JobClaim.of(jobs.known(id), command.digest())) {
            case JobClaim.Begins(), JobClaim.TriesAgain() -> publish(command);
            case JobClaim.UnderWay() -> repeated(id, "the job is there already, so nothing more begins");
            // whether its adapter is still there, trainers can see
            case JobClaim.Trained() ->
                topics.command(command)
                        .emitOn(Infrastructure.getDefaultWorkerPool())
                        .chain(() -> repeated(
                                id,
                                "the job has succeeded before, so nothing is trained, unless the files of its adapter are gone:"
                                        + " then a trainer makes them anew. Another job_id trains again"));
            case JobClaim.Validated() -> repeated(id, "the dry run is over, and this is what it found");
            case JobClaim.Cancelled() ->
                throw ApiException.conflict(
                        "job " + id + " was cancelled and does not run again; send its command under another job_id");
            case JobClaim.Taken(String why) -> throw ApiException.conflict(why);
        };
    }

    private Uni<Response> publish(TrainCommand command) {
        permissions.requireJob(jobs::underWay);
        var queued = new TrainingEvent.Queued(command.jobId(), command.adapter(), Instant.now(), command.digest());
        return topics.command(command)
                .chain(() -> topics.event(queued))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(_ -> accepted(jobs.view(command.jobId()).orElseGet(() -> new JobState(queued).view())));
    }

    private Uni<Response> repeated(String jobId, String note) {
        return Uni.createFrom()
                .item(() -> Response.ok(new RepeatedJob(get(jobId), note)).build());
    }

    @GET
    @Operation(
            summary = "The jobs, a page at a time, the newest first",
            description = "Those that the gateway keeps in memory. Older ones are found by their job_id.")
    public JobList list(
            @Parameter(description = "Jobs of a page, at most 1000")
                    @DefaultValue(Page.DEFAULT_LIMIT)
                    @QueryParam("limit")
                    int limit,
            @Parameter(description = "The job_id of the last one of the page before") @QueryParam("after")
                    String after) {
        var page = jobs.page(new Page.Wanted(limit, after));
        return new JobList(page.items(), page.hasMore());
    }

    @GET
    @Path("/{job_id}")
    @Operation(summary = "One job")
    public JobView get(@PathParam("job_id") String jobId) {
        return jobs.view(jobId).orElseThrow(() -> unknown(jobId));
    }

    @GET
    @Path("/{job_id}/events")
    @Produces(EventStream.MEDIA_TYPE)
    @Operation(
            summary = "A job's events as server-sent events",
            description =
                    "All from the beginning and those to come, until the job ends. Each has an id; a client that lost the"
                            + " connection names the last one in Last-Event-ID and gets what comes behind it.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = EventStream.MEDIA_TYPE,
                            schema = @Schema(ref = "/schemas/training-event.json")))
    public Response events(@PathParam("job_id") String jobId, @HeaderParam("Last-Event-ID") String lastEventId) {
        var events = jobs.events(jobId, Place.parse(lastEventId)).orElseThrow(() -> unknown(jobId));
        return Response.ok(
                        new StreamedBody(events.map(
                                next -> EventStream.event(next.place().id(), next.event()))),
                        EventStream.MEDIA_TYPE)
                .build();
    }

    @POST
    @Blocking
    @Path("/{job_id}/cancel")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Stop a job after the step that it is in; its last checkpoint is kept")
    @APIResponse(
            responseCode = "202",
            description = "The cancel command is on its topic",
            content = @Content(schema = @Schema(implementation = JobView.class)))
    public Uni<Response> cancel(@PathParam("job_id") String jobId) {
        var job = get(jobId);
        RequestContext.job(jobId, job.adapter());
        permissions.require(job.adapter());
        if (job.status().finished()) {
            throw ApiException.conflict(
                    "job " + jobId + " has ended: it is " + Json.mapper().valueToTree(job.status()));
        }
        return topics.command(new CancelCommand(jobId))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(_ -> accepted(get(jobId)));
    }

    private static Response accepted(JobView job) {
        return Response.accepted(job)
                .location(URI.create("/v1/training/jobs/" + job.jobId()))
                .build();
    }

    private ApiException unknown(String jobId) {
        long forgotten = jobs.forgotten();
        return ApiException.notFound("there is no job " + jobId
                + (forgotten == 0
                        ? "; GET /v1/training/jobs lists all"
                        : ", or it is one of the " + forgotten
                                + " oldest, of which this gateway knows nothing any more;"
                                + " LORIKEET_JOBS_MEMORY says how many it keeps"));
    }
}
