package io.lorikeet.inference;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import java.util.Objects;

/**
 * The base model, as the API knows it.
 *
 * @param id what requests call it, {@code model}
 * @param fingerprint {@code sha256:…} of its weights, and what they are quantised to, as checkpoint events say it
 * @param generation sampling that its makers recommend, for requests that say nothing
 * @param maxModelLen tokens of prompt and answer together
 */
public record ServedModel(String id, String fingerprint, GenerationConfig generation, int maxModelLen) {
    public ServedModel {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(fingerprint, "fingerprint");
        Objects.requireNonNull(generation, "generation");
    }

    /** The same, as messages know it. */
    public BaseModel asBase() {
        return new BaseModel(id, fingerprint);
    }
}
