package io.lorikeet.benchmarks.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;

/** Where a collector would be: takes what an exporter sends and keeps none of it. */
final class TraceSink implements AutoCloseable {
    private final HttpServer server;
    private final AtomicLong bytes = new AtomicLong();

    TraceSink() throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** How much has come. */
    long bytes() {
        return bytes.get();
    }

    private void take(HttpExchange exchange) throws IOException {
        bytes.addAndGet(exchange.getRequestBody().readAllBytes().length);
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
