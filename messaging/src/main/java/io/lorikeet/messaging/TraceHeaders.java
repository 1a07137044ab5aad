package io.lorikeet.messaging;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** The W3C trace context in a record's headers, {@code traceparent}; nothing is written and none is found if nobody traces. */
public final class TraceHeaders {
    private static final TextMapGetter<Headers> READER = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Headers headers) {
            return Arrays.stream(headers.toArray()).map(Header::key).toList();
        }

        @Override
        public String get(Headers headers, String name) {
            Header header = headers == null ? null : headers.lastHeader(name);
            return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
        }
    };

    private TraceHeaders() {}

    /** Gives a record the trace that this thread is in. */
    public static void write(Headers headers) {
        propagator().inject(Context.current(), headers, (into, name, value) -> into.remove(name)
                .add(name, value.getBytes(StandardCharsets.UTF_8)));
    }

    /** The trace in which a record was written; the empty context if it has none. */
    public static Context read(Headers headers) {
        return propagator().extract(Context.root(), headers, READER);
    }

    private static TextMapPropagator propagator() {
        return Tracing.get().getPropagators().getTextMapPropagator();
    }
}
