package io.lorikeet.trainer.queue;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.messaging.TraceHeaders;
import io.lorikeet.messaging.Tracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.MDC;

/** What is done for a command, as a part of the trace in which it was sent. */
final class JobTrace {
    private static final String TRACE_ID = "traceId";
    private static final String SPAN_ID = "spanId";

    private JobTrace() {}

    /** Does the work in a span of its own, which its log lines name. */
    static <T> T in(TrainCommand command, ConsumerRecord<byte[], byte[]> record, Callable<T> work) throws Exception {
        Span span = Tracing.get()
                .getTracer("io.lorikeet.trainer")
                .spanBuilder(record.topic() + " process")
                .setParent(TraceHeaders.read(record.headers()))
                .setSpanKind(SpanKind.CONSUMER)
                .setAttribute("lorikeet.job_id", command.jobId())
                .setAttribute("lorikeet.adapter", command.adapter())
                .startSpan();
        if (!span.getSpanContext().isValid()) {
            return work.call(); // nobody traces
        }
        MDC.put(TRACE_ID, span.getSpanContext().getTraceId());
        MDC.put(SPAN_ID, span.getSpanContext().getSpanId());
        try (var _ = span.makeCurrent()) {
            return work.call();
        } finally {
            span.end();
            MDC.remove(TRACE_ID);
            MDC.remove(SPAN_ID);
        }
    }
}
