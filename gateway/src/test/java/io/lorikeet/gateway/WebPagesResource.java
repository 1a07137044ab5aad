package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A web server of others: it serves {@link #page}, which tells it at {@code /told} what it was able to do. */
public class WebPagesResource implements QuarkusTestResourceLifecycleManager {
    /** The one whose pages may call the gateway. */
    static final String FRIEND = "friend.example";

    static final BlockingQueue<String> TOLD = new LinkedBlockingQueue<>();
    static volatile String page = "";
    static int port;

    private HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = server.getAddress().getPort();
        server.createContext("/", exchange -> answer(exchange, page));
        server.createContext("/told", exchange -> {
            TOLD.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            answer(exchange, "thanks");
        });
        server.start();
        return Map.of("lorikeet.http.allowed-origins", "http://" + FRIEND + ":" + port);
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, String html) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
        var bytes = html.getBytes(UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
