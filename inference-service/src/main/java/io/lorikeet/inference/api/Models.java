package io.lorikeet.inference.api;

import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.FineTunedModel;
import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.http.ApiException;
import io.lorikeet.inference.ServedModel;
import io.lorikeet.inference.adapters.CheckpointReplay;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The names that requests may ask for. */
@ApplicationScoped
class Models {
    private final InferenceEngine engine;
    private final ServedModel base;
    private final CheckpointReplay replay;

    @Inject
    Models(InferenceEngine engine, ServedModel base, CheckpointReplay replay) {
        this.engine = engine;
        this.base = base;
        this.replay = replay;
    }

    /** Adapters that new requests get, one version each. */
    List<AdapterStatus> serving() {
        return engine.adapters().stream()
                .filter(adapter -> adapter.state() == AdapterStatus.State.SERVING)
                .toList();
    }

    /** The base model's id and what the adapters are asked for as. */
    List<String> names() {
        return Stream.concat(Stream.of(base.id()), serving().stream().map(adapter -> name(adapter.name())))
                .toList();
    }

    /** What an adapter is asked for as: its name, or that of the fine-tuned model which it is. */
    String name(String adapter) {
        return FineTunedModel.ofAdapter(adapter)
                .map(model -> model.name(base.id()))
                .orElse(adapter);
    }

    /** The adapter that a request asks for, there or not; empty: the base model. */
    Optional<AdapterAddress> adapter(String model) {
        if (model.equals(base.id())) {
            return Optional.empty();
        }
        var asked = AdapterAddress.of(model);
        return Optional.of(FineTunedModel.ofName(asked.adapter(), base.id())
                .map(fineTuned -> new AdapterAddress(fineTuned.adapter(), asked.version()))
                .orElse(asked));
    }

    /** What a name that nothing has means: nothing, or nothing yet. */
    ApiException unknown(String model) {
        return replay.complete() ? Refusals.unknownModel(model, names()) : Refusals.starting(model);
    }
}
