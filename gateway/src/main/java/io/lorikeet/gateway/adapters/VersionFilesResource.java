package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.access.Permissions;
import io.lorikeet.gateway.inference.BaseModelId;
import io.lorikeet.gateway.inference.InferenceClient;
import io.lorikeet.gateway.kafka.TopicWriter;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.RequestContext;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** The files of an adapter's versions: out, in from elsewhere, and away. */
@Path("/v1/adapters/{name}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Adapters")
public class VersionFilesResource {
    private final AdapterCatalog catalog;
    private final VersionFiles files;
    private final InferenceClient inference;
    private final BaseModelId base;
    private final TopicWriter topics;
    private final Permissions permissions;

    VersionFilesResource(
            AdapterCatalog catalog,
            VersionFiles files,
            InferenceClient inference,
            BaseModelId base,
            TopicWriter topics,
            Permissions permissions) {
        this.catalog = catalog;
        this.files = files;
        this.inference = inference;
        this.base = base;
        this.topics = topics;
        this.permissions = permissions;
    }

    /** What was taken. */
    public record Uploaded(String adapter, String version, VersionState state) {}

    @GET
    @Blocking
    @Path("/versions/{version}/download")
    @Produces("application/zip")
    @Operation(
            summary = "Download a version as a zip with its PEFT folder",
            description = "Every file is checked by its SHA-256 before any of them is sent.")
    public Response download(@PathParam("name") String name, @PathParam("version") String version) {
        permissions.require(name);
        var checkpoint = catalog.require(name, version);
        var found = files.read(checkpoint);
        StreamingOutput zip = out -> PeftFolder.pack(checkpoint.files(), found, out);
        return Response.ok(zip, "application/zip")
                .header(
                        "Content-Disposition",
                        "attachment; filename=\"" + name + "-" + version.replaceAll("[^A-Za-z0-9._-]", "_") + ".zip\"")
                .build();
    }

    @POST
    @Blocking
    @Path("/upload")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(
            summary = "Upload an adapter that was trained elsewhere",
            description =
                    "A form with `file`, a zip that holds adapter_config.json and adapter_model.safetensors as PEFT saves"
                            + " them, for the base that is served, and `system`, the system prompt that it was trained with, if it was. A replica checks it as in a swap: 422 with its reason, or 201 and a"
                            + " version that can be asked as NAME@VERSION and promoted.")
    public Uni<Response> upload(
            @PathParam("name") String name, @RestForm("file") FileUpload file, @RestForm("system") String system) {
        if (!name.matches(TrainCommand.ADAPTER)) {
            throw new ContractException(
                    "upload",
                    new Problem("name", "is " + Shown.value(name), "a text that matches " + TrainCommand.ADAPTER));
        }
        if (file == null) {
            throw ApiException.badRequest("file", null, "file: is missing; expected a file part of the form");
        }
        permissions.change(name, "upload a version of adapter " + name);
        return base.model()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(served -> keep(name, file, system, served))
                .chain(kept -> inference
                        .check(kept)
                        .emitOn(Infrastructure.getDefaultWorkerPool())
                        .onFailure()
                        .invoke(() -> forget(kept))
                        .chain(() -> topics.event(told(kept)))
                        .replaceWith(Response.status(Response.Status.CREATED)
                                .entity(new Uploaded(name, kept.version(), VersionState.NOT_PROMOTED))
                                .build()));
    }

    private CheckpointEvent keep(String name, FileUpload file, String system, BaseModel served) {
        if (served.id().equals(name)) {
            throw ApiException.conflict("the base model has the name " + name);
        }
        var incoming = files.incoming();
        try {
            PeftFolder.unpack(file.uploadedFile(), incoming, files.largest());
            var described = PeftFolder.describe(name, incoming, system, served);
            RequestContext.adapter(name, Optional.of(described.version()));
            return files.keep(incoming, described);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            VersionFiles.drop(incoming);
        }
    }

    /** What was refused is not kept, unless it was there before. */
    private void forget(CheckpointEvent kept) {
        if (!catalog.knows(kept.adapter(), kept.version())) {
            files.delete(kept);
        }
    }

    /** As a job says it that has made a version and does not promote it. */
    private static TrainingEvent told(CheckpointEvent kept) {
        return new TrainingEvent.Succeeded(uploadId(kept), kept.adapter(), Instant.now(), kept, false, null);
    }

    @DELETE
    @Blocking
    @Path("/versions/{version}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Delete a version's files; 409 if it is served")
    public Uni<Void> delete(@PathParam("name") String name, @PathParam("version") String version) {
        var checkpoint = catalog.require(name, version);
        if (catalog.needs(name, version)) {
            throw ApiException.conflict(
                    name + " serves or tries " + version + "; promote another version, or end the canary, first");
        }
        RequestContext.adapter(name, Optional.of(version));
        permissions.change(name, "delete version " + version + " of adapter " + name);
        files.delete(checkpoint);
        // if that cannot be told, the version is listed still, and can be deleted once more
        return topics.event(deleted(checkpoint));
    }

    /** What was told of it once more, so that no gateway lists it, not even one that reads the topic from its beginning. */
    private static TrainingEvent deleted(CheckpointEvent checkpoint) {
        return new TrainingEvent.Succeeded(
                checkpoint.jobId().orElseGet(() -> uploadId(checkpoint)),
                checkpoint.adapter(),
                Instant.now(),
                checkpoint,
                false,
                checkpoint.training(),
                true);
    }

    private static String uploadId(CheckpointEvent uploaded) {
        return uploaded.version() + "." + uploaded.adapter();
    }
}
