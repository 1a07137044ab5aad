package io.lorikeet.inference.metrics;

import io.lorikeet.messaging.Tracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.function.UnaryOperator;

/** Parts of a request or a swap as spans of the trace that it belongs to, told when they are over; of none, if it has no trace. */
final class TracedParts {
    private final Context trace;
    private final boolean traced;

    /** @param trace what they belong to */
    TracedParts(Context trace) {
        this.trace = trace;
        this.traced = Span.fromContext(trace).getSpanContext().isSampled();
    }

    /**
     * A part is over.
     *
     * @param begun as {@link System#nanoTime} said
     */
    void over(String name, long begun, UnaryOperator<SpanBuilder> attributes) {
        if (!traced) {
            return;
        }
        var end = Instant.now();
        attributes
                .apply(Tracing.get()
                        .getTracer("io.lorikeet.inference")
                        .spanBuilder(name)
                        .setParent(trace)
                        .setStartTimestamp(end.minusNanos(System.nanoTime() - begun)))
                .startSpan()
                .end(end);
    }

    /** A part is over of which there is no more to say. */
    void over(String name, long begun) {
        over(name, begun, UnaryOperator.identity());
    }
}
