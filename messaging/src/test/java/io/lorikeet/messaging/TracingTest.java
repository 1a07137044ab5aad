package io.lorikeet.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** No collector is named here. */
class TracingTest {
    @Test
    void nothingIsTracedUnlessSomebodyWantsToKnow() {
        var span = Tracing.get().getTracer("test").spanBuilder("work").startSpan();
        var headers = new RecordHeaders();
        try (var _ = span.makeCurrent()) {
            TraceHeaders.write(headers);
        }

        assertThat(span.getSpanContext().isValid()).isFalse();
        assertThat(headers).isEmpty();
    }
}
