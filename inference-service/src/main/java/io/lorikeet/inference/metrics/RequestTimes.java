package io.lorikeet.inference.metrics;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.RequestException;
import java.util.Optional;

/** The clock of one answer; after its creation used by the engine's thread alone. */
public final class RequestTimes {
    private final RequestMetrics metrics;
    private final Optional<String> adapter;
    private final long arrived = System.nanoTime();
    private AdapterVersion version;
    private RequestMetrics.Meters meters;
    private long lastText = -1;

    RequestTimes(RequestMetrics metrics, Optional<String> adapter) {
        this.metrics = metrics;
        this.adapter = adapter;
        // until it has begun
        this.version = adapter.map(name -> new AdapterVersion(name, "")).orElse(RequestMetrics.BASE);
    }

    /** It has left the queue, pinned to an adapter version or on the base model. */
    public void started(Optional<AdapterVersion> pinned) {
        version = pinned.orElse(RequestMetrics.BASE);
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
        metrics.meters(result.adapter().orElse(RequestMetrics.BASE)).finished(result.finishReason());
        if (meters != null) {
            RequestMetrics.record(meters.e2eLatency(), System.nanoTime() - arrived);
            meters.promptTokens().increment(result.promptTokens());
            meters.generationTokens().increment(result.completionTokens());
        }
    }

    /** The engine has not answered it: it was refused, or the engine failed. */
    public void failed(EngineException cause) {
        if (cause instanceof RequestException refusal) {
            metrics.refused(adapter, refusal.kind());
        } else {
            metrics.meters(version).failed();
        }
    }
}
