package io.lorikeet.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.BaseModel;
import io.lorikeet.http.ApiException;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** The id of the base model, which only the inference service knows. */
@ApplicationScoped
public class BaseModelId {
    private final InferenceClient inference;
    private volatile BaseModel known;

    BaseModelId(InferenceClient inference) {
        this.inference = inference;
    }

    /** The id, asked for once. */
    public Uni<String> get() {
        return model().map(BaseModel::id);
    }

    /** The model itself, asked for once. */
    public Uni<BaseModel> model() {
        var model = known;
        return model == null ? ask() : Uni.createFrom().item(model);
    }

    /** To be called when the id turns out to be unknown over there: another model may run by now. */
    public void forget() {
        known = null;
    }

    private Uni<BaseModel> ask() {
        return inference
                .get("/v1/models")
                .flatMap(answer -> answer.ok() ? answer.json() : answer.<JsonNode>fail())
                .map(BaseModelId::base)
                .invoke(model -> known = model);
    }

    /** The base comes first in the list; adapters name it as their parent. */
    private static BaseModel base(JsonNode models) {
        for (var model : models.path("data")) {
            if (model.path("id").isTextual() && !model.hasNonNull("parent")) {
                return new BaseModel(model.get("id").textValue(), model.path("fingerprint").asText("unknown"));
            }
        }
        throw ApiException.badGateway("the inference service lists no base model under /v1/models", null);
    }
}
