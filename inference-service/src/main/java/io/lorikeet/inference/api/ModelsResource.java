package io.lorikeet.inference.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.inference.ServedModel;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** OpenAI's list of models: the base and the adapters on it. */
@Path("/v1/models")
public class ModelsResource {
    private final long created = Instant.now().getEpochSecond();
    private final Models models;
    private final ServedModel base;

    /**
     * @param created seconds since 1970, of the replica's start
     * @param parent id of the base; null on the base itself
     * @param version served now; null on the base
     * @param fingerprint of the base's weights; null on adapters
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Model(
            String id,
            String object,
            long created,
            String ownedBy,
            String parent,
            String version,
            String fingerprint) {}

    /** The list as OpenAI wraps it. */
    record ModelList(String object, List<Model> data) {}

    @Inject
    ModelsResource(Models models, ServedModel base) {
        this.models = models;
        this.base = base;
    }

    /** All names that a request may ask for. */
    @GET
    public ModelList list() {
        return new ModelList("list", all().toList());
    }

    /** One of them. */
    @GET
    @Path("/{id}")
    public Model one(@PathParam("id") String id) {
        var name = models.adapter(id).map(asked -> models.name(asked.text())).orElse(id);
        return all().filter(model -> model.id().equals(name)).findFirst().orElseThrow(() -> models.unknown(id));
    }

    private Stream<Model> all() {
        var adapters = models.serving().stream().map(this::adapter);
        return Stream.concat(
                Stream.of(new Model(base.id(), "model", created, "lorikeet", null, null, base.fingerprint())),
                adapters);
    }

    private Model adapter(AdapterStatus adapter) {
        return new Model(models.name(adapter.name()), "model", created, "lorikeet", base.id(), adapter.version(), null);
    }
}
