package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.gateway.Page;
import io.lorikeet.gateway.kafka.TopicWriter;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.JsonBody;
import io.lorikeet.http.RequestContext;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Adapters by name: what is served, what was served before, and back again. */
@Path("/v1/adapters")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Adapters")
public class AdaptersResource {
    private static final int NAMES_TOLD = 20;

    private final AdapterCatalog catalog;
    private final TopicWriter topics;

    AdaptersResource(AdapterCatalog catalog, TopicWriter topics) {
        this.catalog = catalog;
        this.topics = topics;
    }

    /**
     * Adapters, by name.
     *
     * @param hasMore whether there are others: {@code after} the last one's name
     */
    public record AdapterList(List<AdapterView> adapters, boolean hasMore) {}

    /**
     * Where to go back to.
     *
     * @param version null: the one that was served before
     */
    public record Rollback(
            @Setting(doc = "The version to serve again.", whenAbsent = "the one promoted before the present one")
            String version) {
        private static final String SUBJECT = "rollback";
        private static final RecordShape<Rollback> SHAPE = RecordShape.of(Rollback.class);

        static Rollback read(byte[] body) {
            if (body == null || body.length == 0) {
                return new Rollback(null);
            }
            var object = JsonBody.object(body, SUBJECT, "{\"version\": \"…\"}");
            return new RecordReader(SUBJECT).read(SHAPE, object, Set.of());
        }
    }

    @GET
    @Operation(summary = "The adapters with the versions that are known of them, a page at a time, by name")
    public AdapterList list(
            @Parameter(description = "Adapters of a page, at most 1000")
                    @DefaultValue(Page.DEFAULT_LIMIT)
                    @QueryParam("limit")
                    int limit,
            @Parameter(description = "The name of the last one of the page before") @QueryParam("after") String after) {
        var page = catalog.page(new Page.Wanted(limit, after));
        return new AdapterList(page.items(), page.hasMore());
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "One adapter")
    public AdapterView get(@PathParam("name") String name) {
        return catalog.view(name).orElseThrow(() -> unknown(name));
    }

    @POST
    @Path("/{name}/rollback")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Serve an older version again",
            description = "Without a version: the one that was promoted before the one that is served.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Rollback.class)))
    public Uni<AdapterView> rollback(@PathParam("name") String name, byte[] body) {
        var version = Rollback.read(body).version();
        var adapter = get(name);
        var older = version == null ? previous(adapter) : named(adapter, version);
        RequestContext.adapter(name, Optional.of(older.version()));
        return topics.checkpoint(older.at(Instant.now())).map(_ -> get(name));
    }

    @DELETE
    @Path("/{name}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Stop serving an adapter; requests under way are finished, files stay")
    public Uni<Void> delete(@PathParam("name") String name) {
        if (!catalog.serves(name)) {
            throw unknown(name);
        }
        RequestContext.adapter(name, Optional.empty());
        return topics.retire(name);
    }

    private static CheckpointEvent named(AdapterView adapter, String version) {
        return adapter.versions().stream()
                .map(PublishedVersion::checkpoint)
                .filter(checkpoint -> checkpoint.version().equals(version))
                .findFirst()
                .orElseThrow(() -> ApiException.notFound(
                        adapter.name() + " has no version " + version + "; there are " + versions(adapter)));
    }

    private static CheckpointEvent previous(AdapterView adapter) {
        return adapter.versions().stream()
                .dropWhile(v ->
                        adapter.version() != null && !v.checkpoint().version().equals(adapter.version()))
                .skip(adapter.version() == null ? 0 : 1)
                .filter(PublishedVersion::promoted)
                .map(PublishedVersion::checkpoint)
                .findFirst()
                .orElseThrow(() -> ApiException.conflict(
                        adapter.name() + " has no earlier version that was served; name one of " + versions(adapter)));
    }

    private static List<String> versions(AdapterView adapter) {
        return adapter.versions().stream().map(v -> v.checkpoint().version()).toList();
    }

    private ApiException unknown(String name) {
        var names = catalog.served();
        var first = names.subList(0, Math.min(NAMES_TOLD, names.size()));
        return ApiException.notFound("no adapter " + name + " is served; there are " + first
                + (names.size() > first.size() ? " and " + (names.size() - first.size()) + " more" : ""));
    }
}
