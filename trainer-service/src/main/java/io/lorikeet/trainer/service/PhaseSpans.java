package io.lorikeet.trainer.service;

import io.lorikeet.messaging.Tracing;
import io.opentelemetry.api.trace.Span;

/** The parts of a run, one after the other, as spans below that of its job; told on the run's thread alone. */
final class PhaseSpans {
    private Span span = Span.getInvalid();

    /** The part before is over. */
    void begin(String name) {
        span.end();
        span = Tracing.get().getTracer("io.lorikeet.trainer").spanBuilder(name).startSpan();
    }

    /** The run is over. */
    void end() {
        span.end();
        span = Span.getInvalid();
    }
}
