package io.lorikeet.gateway.files;

import io.lorikeet.contracts.Shown;
import io.lorikeet.gateway.openai.ListPage;
import io.lorikeet.http.ApiException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** OpenAI's files: rows to train on. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "OpenAI: files and fine-tuning")
@NeedsDataRoot
public class FilesResource {
    private static final int MOST = 10_000;

    private final Uploads uploads;

    FilesResource(Uploads uploads) {
        this.uploads = uploads;
    }

    /** What was deleted. */
    public record Deleted(String id, String object, boolean deleted) {}

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(
            summary = "Upload rows to train on",
            description =
                    "A form with `file`, a .jsonl with a conversation a line as {\"messages\": [{\"role\": \"user\","
                            + " \"content\": \"…\"}, {\"role\": \"assistant\", \"content\": \"…\"}]}, and `purpose`: fine-tune.")
    public StoredFile upload(
            @RestForm("file") FileUpload file,
            @RestForm("purpose") String purpose,
            @RestForm("expires_after[anchor]") String expiresAfter)
            throws IOException {
        if (file == null) {
            throw ApiException.badRequest("file", null, "file: is missing; expected a file part of the form");
        }
        if (!Uploads.PURPOSE.equals(purpose)) {
            throw ApiException.badRequest(
                    "purpose",
                    null,
                    "purpose: is " + Shown.value(purpose)
                            + "; expected \"fine-tune\", the one that files are taken for");
        }
        if (expiresAfter != null) {
            throw ApiException.badRequest(
                    "expires_after",
                    null,
                    "expires_after: is not supported; DELETE /v1/files/{file_id} deletes a file");
        }
        try (var rows = Files.newInputStream(file.uploadedFile())) {
            ChatLines.check(rows);
        }
        return uploads.take(file.uploadedFile(), file.fileName());
    }

    @GET
    @Operation(summary = "All files, the newest first")
    public ListPage<StoredFile> list(
            @QueryParam("purpose") String purpose,
            @Parameter(description = "Most files; 10000 if not given") @QueryParam("limit") Integer limit,
            @Parameter(description = "Id of the last file of the page before") @QueryParam("after") String after,
            @Parameter(description = "asc or desc by when they were made") @QueryParam("order") String order) {
        var ids = purpose == null || purpose.equals(Uploads.PURPOSE) ? uploads.ids() : List.<String>of();
        return ListPage.of(
                isAscending(order) ? ids : ids.reversed(),
                after,
                ListPage.limit(limit, MOST, MOST),
                uploads::find,
                StoredFile::id);
    }

    @GET
    @Path("/{file_id}")
    @Operation(summary = "One file")
    public StoredFile get(@PathParam("file_id") String id) {
        return uploads.get(id);
    }

    @GET
    @Path("/{file_id}/content")
    // clients ask for application/binary, or for anything
    @Produces(MediaType.WILDCARD)
    @Operation(summary = "What is in it")
    public Response content(@PathParam("file_id") String id) {
        return Response.ok(uploads.rows(uploads.get(id)).toFile(), MediaType.APPLICATION_OCTET_STREAM_TYPE)
                .build();
    }

    @DELETE
    @Path("/{file_id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Delete a file; a job that has not begun cannot train on it any more")
    public Deleted delete(@PathParam("file_id") String id) throws IOException {
        uploads.delete(uploads.get(id));
        return new Deleted(id, "file", true);
    }

    private static boolean isAscending(String order) {
        if (order == null || order.equals("desc")) {
            return false;
        }
        if (order.equals("asc")) {
            return true;
        }
        throw ApiException.badRequest("order", null, "order: is " + Shown.value(order) + "; expected asc or desc");
    }
}
