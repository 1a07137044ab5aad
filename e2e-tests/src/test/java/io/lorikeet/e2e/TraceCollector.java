package io.lorikeet.e2e;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPInputStream;

/** Takes what services export by OTLP over HTTP. */
final class TraceCollector implements AutoCloseable {
    private final HttpServer server;
    private final Queue<Part> parts = new ConcurrentLinkedQueue<>();

    /** A span and the service that told of it. */
    record Part(String service, String name, String trace, String id, String parent) {}

    TraceCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", exchange -> {
            boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("content-encoding"));
            try (InputStream body = gzip ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
                ExportTraceServiceRequest.parseFrom(body).getResourceSpansList().forEach(this::take);
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The parts of a trace that have been told by now. */
    List<Part> of(String trace) {
        return parts.stream().filter(part -> part.trace().equals(trace)).toList();
    }

    /** The newest trace that begins with a request of this name. */
    String newest(String name) {
        return parts.stream()
                .filter(part -> part.name().equals(name) && part.parent().isEmpty())
                .reduce((_, last) -> last)
                .map(Part::trace)
                .orElse("");
    }

    private void take(ResourceSpans of) {
        String service = of.getResource().getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals("service.name"))
                .map(attribute -> attribute.getValue().getStringValue())
                .findFirst()
                .orElse("");
        of.getScopeSpansList().forEach(scope -> scope.getSpansList().forEach(span -> parts.add(part(service, span))));
    }

    private static Part part(String service, Span span) {
        return new Part(
                service,
                span.getName(),
                hex(span.getTraceId().toByteArray()),
                hex(span.getSpanId().toByteArray()),
                hex(span.getParentSpanId().toByteArray()));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
