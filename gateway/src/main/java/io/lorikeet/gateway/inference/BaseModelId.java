package io.lorikeet.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.http.ApiException;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** The id of the base model, which only the inference service knows. */
@ApplicationScoped
public class BaseModelId {
    private final InferenceClient inference;
    private volatile String known;

    BaseModelId(InferenceClient inference) {
        this.inference = inference;
    }

    /** The id, asked for once. */
    public Uni<String> get() {
        var id = known;
        return id == null ? ask() : Uni.createFrom().item(id);
    }

    /** To be called when the id turns out to be unknown over there: another model may run by now. */
    public void forget() {
        known = null;
    }

    private Uni<String> ask() {
        return inference
                .get("/v1/models")
                .flatMap(answer -> answer.ok() ? answer.json() : answer.<JsonNode>fail())
                .map(BaseModelId::base)
                .invoke(id -> known = id);
    }

    /** The base comes first in the list; adapters name it as their parent. */
    private static String base(JsonNode models) {
        for (var model : models.path("data")) {
            if (model.path("id").isTextual() && !model.hasNonNull("parent")) {
                return model.get("id").textValue();
            }
        }
        throw ApiException.badGateway("the inference service lists no base model under /v1/models", null);
    }
}
