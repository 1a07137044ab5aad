package io.lorikeet.gateway.training;

import io.lorikeet.contracts.Topics;
import io.lorikeet.http.ApiException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The JSON Schemas of the messages, for editors and for the API's own document. */
@Path("/schemas")
@Tag(name = "Training")
public class SchemaResource {
    private static final List<String> SCHEMAS =
            List.of("training-command.json", "training-event.json", "checkpoint-event.json", "replica-report.json");

    @GET
    @Path("/{name}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "JSON Schema of a message: training-command.json, training-event.json, checkpoint-event.json or"
                    + " replica-report.json")
    public byte[] get(@PathParam("name") String name) throws IOException {
        if (!SCHEMAS.contains(name)) {
            throw ApiException.notFound("there is no schema " + name + "; there are " + SCHEMAS);
        }
        try (var schema = Topics.class.getResourceAsStream("/schema/" + name)) {
            return schema.readAllBytes();
        }
    }
}
