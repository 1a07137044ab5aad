package io.lorikeet.messaging;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;

/** OpenTelemetry where there is a collector ({@link TracingSwitch}); otherwise what makes no span and writes no header. */
public final class Tracing {
    private Tracing() {}

    /** What makes spans, and carries them on. Quarkus' SDK when it is off makes spans all the same, and tells nobody of them. */
    public static OpenTelemetry get() {
        return TracingSwitch.isOn() ? GlobalOpenTelemetry.get() : OpenTelemetry.noop();
    }
}
