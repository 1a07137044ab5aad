package io.lorikeet.benchmarks.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands in for the inference service where no machine would answer so many at once: each stream has a token every so often,
 * on a clock of its own, whether or not others are behind.
 */
final class PacedService implements AutoCloseable {
    private static final byte[] TOKEN = """
            data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a word "},"finish_reason":null}]}

            """.getBytes(UTF_8);

    private static final byte[] END = "data: [DONE]\n\n".getBytes(US_ASCII);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final int tokens;
    private final Duration pace;

    PacedService(int tokens, Duration pace) throws IOException {
        this.tokens = tokens;
        this.pace = pace;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        long begin = System.nanoTime();
        try (var body = exchange.getResponseBody()) {
            for (int i = 0; i < tokens; i++) {
                body.write(TOKEN);
                body.flush();
                sleepUntil(begin + (i + 1) * pace.toNanos());
            }
            body.write(END);
        }
    }

    private static void sleepUntil(long nanos) throws IOException {
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
