package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.inference.ServedModel;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.stream.Stream;

/** The names that requests may ask for. */
@ApplicationScoped
class Models {
    private final InferenceEngine engine;
    private final ServedModel base;

    @Inject
    Models(InferenceEngine engine, ServedModel base) {
        this.engine = engine;
        this.base = base;
    }

    /** Adapters that new requests get, one version each. */
    List<AdapterStatus> serving() {
        return engine.adapters().stream()
                .filter(adapter -> adapter.state() == AdapterStatus.State.SERVING)
                .toList();
    }

    /** The base model's id and the adapters' names. */
    List<String> names() {
        return Stream.concat(Stream.of(base.id()), serving().stream().map(AdapterStatus::name))
                .toList();
    }
}
