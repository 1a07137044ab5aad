package io.lorikeet.inference.metrics;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.RequestException;
import io.opentelemetry.context.Context;
import java.util.Optional;

/** The clock of one answer; after its creation used by the engine's thread alone. */
public final class RequestTimes {
    private final RequestMetrics metrics;
    private final Optional<String> adapter;
    private final long arrived = System.nanoTime();
    private AdapterVersion version;
    private RequestMetrics.Meters meters;
    private final TracedParts parts = new TracedParts(Context.current());
    private long begun = -1;
    private long firstText = -1;
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
        begun = System.nanoTime();
        RequestMetrics.record(meters.queueTime(), begun - arrived);
        parts.over("queue", arrived);
    }

    /** A piece of text has come. */
    public void text() {
        long now = System.nanoTime();
        if (lastText < 0) {
            RequestMetrics.record(meters.timeToFirstToken(), now - arrived);
            metrics.said(version);
            firstText = now;
            parts.over("prefill", begun);
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
            parts.over("decode", firstText < 0 ? begun : firstText, span -> span.setAttribute(
                            "lorikeet.adapter", version.name())
                    .setAttribute("lorikeet.version", version.version())
                    .setAttribute("gen_ai.usage.input_tokens", result.promptTokens())
                    .setAttribute("gen_ai.usage.output_tokens", result.completionTokens())
                    .setAttribute(
                            "gen_ai.response.finish_reasons",
                            result.finishReason().name()));
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
