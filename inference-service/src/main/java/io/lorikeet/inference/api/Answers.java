package io.lorikeet.inference.api;

import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.GenerationRequest;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.RequestException;
import io.lorikeet.http.ApiException;
import io.lorikeet.inference.Draining;
import io.lorikeet.inference.InferenceConfig;
import io.lorikeet.inference.metrics.RequestMetrics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;

/** Hands requests to the engine, and words its refusals as the API does. */
@ApplicationScoped
class Answers {
    private final Draining draining;
    private final InferenceEngine engine;
    private final Models models;
    private final RequestMetrics metrics;
    private final Duration timeout;
    private final QueuePace pace = new QueuePace();

    @Inject
    Answers(InferenceConfig config, InferenceEngine engine, Models models, RequestMetrics metrics, Draining draining) {
        this.draining = draining;
        this.engine = engine;
        this.models = models;
        this.metrics = metrics;
        this.timeout = config.requestTimeout();
    }

    /**
     * Hands a request to the engine; the adapter's version is fixed from here on.
     *
     * @throws ApiException 404 if nothing has the model's name, 429 if as many wait as may, 503 if the replica shuts down
     *     or does not know all names yet, 400 if it does not fit
     */
    Answer begin(String id, CompletionRequest request) {
        if (draining.begun()) {
            throw Refusals.shuttingDown("this replica is shutting down; ask another");
        }
        var asked = models.adapter(request.model());
        var adapter = asked.map(AdapterAddress::adapter);
        var generation = new GenerationRequest(
                id,
                request.prompts(),
                request.n(),
                adapter,
                asked.flatMap(AdapterAddress::version),
                request.sampling(),
                Optional.of(timeout));
        pace.arrived(engine.stats());
        try {
            return new Answer(
                    generation.answers(),
                    timeout,
                    () -> metrics.arrived(adapter),
                    all -> engine.submit(generation, all));
        } catch (RequestException e) {
            metrics.refused(adapter, e.kind());
            throw wording(request, e);
        }
    }

    /** What an engine's refusal or failure means to whoever asked. */
    ApiException wording(CompletionRequest request, EngineException cause) {
        if (!(cause instanceof RequestException refusal)) {
            return ApiException.internal(cause);
        }
        return switch (refusal.kind()) {
            case UNKNOWN_ADAPTER -> models.unknown(request.model());
            case VERSION_NOT_LOADED -> Refusals.notLoaded(refusal.getMessage());
            case QUEUE_FULL, QUEUE_TIMEOUT -> Refusals.overloaded(cause.getMessage(), pace.untilRoom(engine.stats()));
            case DEADLINE -> ApiException.timeout(cause.getMessage(), cause);
            case INVALID -> Refusals.invalid(cause.getMessage());
            case TOO_LONG -> Refusals.tooLong(cause.getMessage());
            case CLOSED -> Refusals.shuttingDown(cause.getMessage());
        };
    }
}
