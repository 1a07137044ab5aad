package io.lorikeet.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The document of the messages, as that of the API is the document of the routes. The console shows it. */
@Path("/asyncapi")
@Tag(name = "Training")
public class AsyncApiResource {
    private static final String FILE = "/asyncapi.yaml";
    /** Where the messages' schemas stand: beside the file, and here. */
    private static final String SCHEMAS = "schema/";

    private static final String SERVED_SCHEMAS = "/schemas/";

    private final byte[] document = Json.write(read());

    private static ObjectNode read() {
        try (var file = Topics.class.getResourceAsStream(FILE)) {
            var document = (ObjectNode) new YAMLMapper().readTree(file);
            for (var reference : document.findParents("$ref")) {
                var to = reference.get("$ref").asText();
                if (to.startsWith(SCHEMAS)) {
                    ((ObjectNode) reference).put("$ref", SERVED_SCHEMAS + to.substring(SCHEMAS.length()));
                }
            }
            return document;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "The messages on Kafka, as an AsyncAPI document")
    public byte[] get() {
        return document;
    }
}
