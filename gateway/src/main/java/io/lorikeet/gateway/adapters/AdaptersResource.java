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
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Adapters by name: what is served, what was served before, and back again. */
@Path("/v1/adapters")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Adapters")
public class AdaptersResource {
    private final AdapterCatalog catalog;
    private final TopicWriter topics;
    private final RunningCanaries canaries;

    AdaptersResource(AdapterCatalog catalog, TopicWriter topics, RunningCanaries canaries) {
        this.catalog = catalog;
        this.canaries = canaries;
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
        return new AdapterList(page.items().stream().map(this::withCanary).toList(), page.hasMore());
    }

    @GET
    @Path("/{name}")
    @Operation(
            summary = "One adapter",
            description =
                    "Its versions with their states, its canary, and what each replica of the inference service serves of it.")
    public AdapterView get(@PathParam("name") String name) {
        return view(name);
    }

    private AdapterView view(String name) {
        return catalog.view(name).map(this::withCanary).orElseThrow(() -> unknown(name));
    }

    private AdapterView withCanary(AdapterView view) {
        return canaries.of(view.name()).map(view::with).orElse(view);
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
        var adapter = view(name);
        var older = version == null ? previous(adapter) : catalog.require(name, version);
        RequestContext.adapter(name, Optional.of(older.version()));
        return topics.checkpoint(older.at(Instant.now())).map(_ -> view(name));
    }

    @POST
    @Path("/{name}/promote")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Serve a version from now on",
            description =
                    "Any that is known. One that its job did not promote, because an answer was not accepted or it was"
                            + " told not to, needs \"force\": true.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = Promotion.class)))
    @APIResponse(
            responseCode = "202",
            description = "The version is on the topic of what is served; replicas check it before they serve it",
            content = @Content(schema = @Schema(implementation = AdapterView.class)))
    public Uni<Response> promote(@PathParam("name") String name, byte[] body) {
        var wanted = Promotion.read(body);
        var checkpoint = catalog.require(name, wanted.version());
        var version = view(name).versions().stream()
                .filter(each -> each.version().equals(wanted.version()))
                .findFirst();
        boolean refused = version.filter(each -> each.state() == VersionState.NOT_PROMOTED && each.jobId() != null)
                .isPresent();
        if (refused && !wanted.force()) {
            throw ApiException.conflict("the job of " + name + " " + wanted.version()
                    + " did not promote it; send \"force\": true to serve it all the same");
        }
        RequestContext.adapter(name, Optional.of(wanted.version()));
        return topics.checkpoint(checkpoint.at(Instant.now()))
                .map(_ -> Response.accepted(view(name)).build());
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

    private static CheckpointEvent previous(AdapterView adapter) {
        return adapter.versions().stream()
                .dropWhile(v -> adapter.version() != null && !v.version().equals(adapter.version()))
                .skip(adapter.version() == null ? 0 : 1)
                .filter(v -> v.state() != VersionState.NOT_PROMOTED)
                .map(VersionView::checkpoint)
                .findFirst()
                .orElseThrow(() -> ApiException.conflict(
                        adapter.name() + " has no earlier version that was served; name one of " + versions(adapter)));
    }

    private static List<String> versions(AdapterView adapter) {
        return adapter.versions().stream().map(VersionView::version).toList();
    }

    private ApiException unknown(String name) {
        var names = catalog.served();
        return ApiException.notFound("no adapter " + name + " is served; there are "
                + AdapterCatalog.first(names, AdapterCatalog.MOST_TOLD));
    }
}
