package io.lorikeet.gateway.training;

import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.gateway.inference.StreamedBody;
import io.lorikeet.gateway.kafka.TopicWriter;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.RequestContext;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Training jobs: asked for through Kafka, told by their events. */
@Path("/v1/training/jobs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Training")
public class TrainingJobsResource {
    private final Jobs jobs;
    private final TopicWriter topics;

    TrainingJobsResource(Jobs jobs, TopicWriter topics) {
        this.jobs = jobs;
        this.topics = topics;
    }

    /** Every job. */
    public record JobList(List<JobView> jobs) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Train an adapter",
            description =
                    "The training command, as it would be published. `type` and `job_id` may be left out. The same"
                            + " command again under the same job_id answers with the job that is there (200), or runs it again if it has"
                            + " failed (202). A dry run that is over leaves its job_id to the next command.")
    @RequestBody(required = true, content = @Content(schema = @Schema(ref = "/schemas/training-command.json")))
    @APIResponse(
            responseCode = "202",
            description = "The command is on its topic",
            content = @Content(schema = @Schema(implementation = JobView.class)))
    public Uni<Response> train(byte[] body) {
        var command = JobRequest.read(body);
        RequestContext.job(command.jobId(), command.adapter());
        var known = jobs.view(command.jobId());
        if (known.isPresent() && !leavesItsId(known.get(), command)) {
            return Uni.createFrom().item(again(command, known.get()));
        }
        var queued = new TrainingEvent.Queued(command.jobId(), command.adapter(), Instant.now(), command.digest());
        return topics.command(command)
                .chain(() -> topics.event(queued))
                .map(_ -> accepted(jobs.view(command.jobId())
                        .orElseGet(() -> JobView.of(queued).with(queued))));
    }

    @GET
    @Operation(summary = "All jobs, the newest first")
    public JobList list() {
        return new JobList(jobs.views());
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
            description = "All from the beginning and those to come, until the job ends.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = EventStream.MEDIA_TYPE,
                            schema = @Schema(ref = "/schemas/training-event.json")))
    public Response events(@PathParam("job_id") String jobId) {
        var events = jobs.events(jobId).orElseThrow(() -> unknown(jobId));
        return Response.ok(new StreamedBody(events.map(EventStream::event)), EventStream.MEDIA_TYPE)
                .build();
    }

    @POST
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
        if (job.status().finished()) {
            throw ApiException.conflict(
                    "job " + jobId + " has ended: it is " + Json.mapper().valueToTree(job.status()));
        }
        return topics.command(new CancelCommand(jobId)).map(_ -> accepted(get(jobId)));
    }

    private static Response accepted(JobView job) {
        return Response.accepted(job)
                .location(URI.create("/v1/training/jobs/" + job.jobId()))
                .build();
    }

    /** A dry run leaves its id to the real run, a failed job to its next try, which goes on from its last checkpoint. */
    private static boolean leavesItsId(JobView job, TrainCommand command) {
        return switch (job.status()) {
            case QUEUED, RUNNING, SUCCEEDED, CANCELLED -> false;
            case FAILED -> same(command, job);
            case VALIDATED -> !same(command, job);
        };
    }

    /** The job id is an idempotency key: repeating a request is harmless, reusing its id for another is a mistake. */
    private static Response again(TrainCommand command, JobView job) {
        if (!same(command, job)) {
            throw ApiException.conflict("job_id " + command.jobId()
                    + " belongs to another command already; choose another job_id, or leave it out");
        }
        if (job.status() == JobStatus.CANCELLED) {
            throw ApiException.conflict("job " + command.jobId()
                    + " was cancelled and does not run again; send its command under another job_id");
        }
        return Response.ok(job).build();
    }

    private static boolean same(TrainCommand command, JobView job) {
        return job.queued() != null && command.digest().equals(job.queued().commandDigest());
    }

    private static ApiException unknown(String jobId) {
        return ApiException.notFound("there is no job " + jobId + "; GET /v1/training/jobs lists all");
    }
}
