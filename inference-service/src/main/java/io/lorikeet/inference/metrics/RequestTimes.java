package io.lorikeet.inference.metrics;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.GenerationResult;
import java.util.Optional;

/** The clock of one answer; after its creation used by the engine's thread alone. */
public final class RequestTimes {
    /** Prometheus takes an empty label for none. */
    private static final AdapterVersion BASE = new AdapterVersion("", "");

    private final RequestMetrics metrics;
    private final long arrived = System.nanoTime();
    private AdapterVersion version = BASE;
    private RequestMetrics.Meters meters;
    private long lastText = -1;

    RequestTimes(RequestMetrics metrics) {
        this.metrics = metrics;
    }

    /** It has left the queue, pinned to an adapter version or on the base model. */
    public void started(Optional<AdapterVersion> adapter) {
        version = adapter.orElse(BASE);
        meters = metrics.meters(version);
        RequestMetrics.record(meters.queueTime(), System.nanoTime() - arrived);
    }

    /** A piece of text has come. */
    public void text() {
        long now = System.nanoTime();
        if (lastText < 0) {
            RequestMetrics.record(meters.timeToFirstToken(), now - arrived);
            metrics.said(version);
        } else {
            RequestMetrics.record(meters.interTokenLatency(), now - lastText);
        }
        lastText = now;
    }

    /** It has ended, completely or cancelled. */
    public void finished(GenerationResult result) {
        metrics.ended(result.finishReason());
        if (meters != null) {
            RequestMetrics.record(meters.e2eLatency(), System.nanoTime() - arrived);
            meters.promptTokens().increment(result.promptTokens());
            meters.generationTokens().increment(result.completionTokens());
        }
    }

    /** The engine has not answered it. */
    public void failed(EngineException cause) {
        metrics.failed(cause);
    }
}
