package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.GenerationRequest;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.RequestException;
import io.lorikeet.inference.InferenceConfig;
import io.lorikeet.inference.ServedModel;
import io.lorikeet.inference.metrics.RequestMetrics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;

/** Hands requests to the engine, and words its refusals as the API does. */
@ApplicationScoped
class Answers {
    private final InferenceEngine engine;
    private final ServedModel base;
    private final Models models;
    private final RequestMetrics metrics;
    private final Duration timeout;

    @Inject
    Answers(InferenceConfig config, InferenceEngine engine, ServedModel base, Models models, RequestMetrics metrics) {
        this.engine = engine;
        this.base = base;
        this.models = models;
        this.metrics = metrics;
        this.timeout = config.requestTimeout();
    }

    /**
     * Hands a request to the engine; the adapter's version is fixed from here on.
     *
     * @throws ApiException 404 if nothing has the model's name, 429 if as many wait as may, 400 if it does not fit
     */
    Answer begin(String id, ChatRequest request) {
        var adapter = Optional.of(request.model()).filter(model -> !model.equals(base.id()));
        var generation = new GenerationRequest(id, request.messages(), adapter, request.sampling());
        try {
            return new Answer(listener -> engine.submit(generation, listener), metrics.arrived(), timeout);
        } catch (RequestException e) {
            throw e.kind() == RequestException.Kind.UNKNOWN_ADAPTER
                    ? ApiException.unknownModel(request.model(), models.names())
                    : ApiException.of(e);
        }
    }
}
