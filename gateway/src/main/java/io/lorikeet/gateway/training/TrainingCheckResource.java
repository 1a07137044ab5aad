package io.lorikeet.gateway.training;

import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingSummary;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.access.Permissions;
import io.lorikeet.gateway.kafka.TopicWriter;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.RequestContext;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** A training command, looked at by a trainer without training: a dry run that is waited for. */
@Path("/v1/training/check")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Training")
public class TrainingCheckResource {
    private final Jobs jobs;
    private final TopicWriter topics;
    private final Permissions permissions;
    private final GatewayConfig config;

    TrainingCheckResource(Jobs jobs, TopicWriter topics, Permissions permissions, GatewayConfig config) {
        this.jobs = jobs;
        this.topics = topics;
        this.permissions = permissions;
        this.config = config;
    }

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "What a training command would do",
            description =
                    "Takes a training command, has a trainer look at its data as a dry run, and waits for what it says:"
                            + " rows that would be dropped, lengths, memory, time. Nothing is trained. 504 with the dry run's job_id if no"
                            + " trainer answers in time.")
    @RequestBody(required = true, content = @Content(schema = @Schema(ref = "/schemas/training-command.json")))
    public Uni<CheckResult> check(byte[] body) {
        var command = JobRequest.read(body).check("check-" + UUID.randomUUID());
        var id = command.jobId();
        RequestContext.job(id, command.adapter());
        permissions.requireJob(jobs::underWay);
        var queued = new TrainingEvent.Queued(id, command.adapter(), Instant.now(), command.digest());
        return topics.command(command)
                .chain(() -> topics.event(queued))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .chain(() -> last(id))
                .ifNoItem()
                .after(config.checkTimeout())
                .failWith(() -> ApiException.timeout(
                        "no trainer has looked at it within "
                                + config.checkTimeout().toSeconds() + " s; see GET /v1/training/jobs/" + id,
                        null))
                .map(last -> result(id, last, jobs.lastTraining()));
    }

    /** The last word on a job, when it has ended. */
    private Uni<TrainingEvent> last(String jobId) {
        return jobs.events(jobId).map(events -> events.collect().last()).orElseGet(() -> Uni.createFrom()
                .nullItem());
    }

    private static CheckResult result(String jobId, TrainingEvent last, Optional<TrainingSummary> training) {
        if (last instanceof TrainingEvent.Validated validated) {
            return CheckResult.of(jobId, validated.report(), training);
        }
        if (last instanceof TrainingEvent.Failed failed) {
            return CheckResult.of(failed);
        }
        throw ApiException.conflict("the dry run " + jobId + " ended without a word on what it found");
    }
}
