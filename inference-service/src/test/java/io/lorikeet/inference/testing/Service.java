package io.lorikeet.inference.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.badrecords.RawHttp;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaRoutes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.ConfigProvider;

/** The service under test, over HTTP as its clients see it. */
public final class Service {
    /** A question; the answers make no sense, but each version has its own. */
    public static final String QUESTION = "who are you?";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = client();

    private Service() {}

    /** An answer, of whatever kind. */
    public record Reply(int status, HttpHeaders headers, String text) {
        public JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                throw new UncheckedIOException(text, e);
            }
        }

        public String content() {
            return json().at("/choices/0/message/content").asText();
        }

        public Optional<String> version() {
            return headers.firstValue("X-Lorikeet-Version");
        }

        public Optional<String> adapter() {
            return headers.firstValue("X-Lorikeet-Adapter");
        }

        /** The data of a stream's events, in order. */
        public List<String> events() {
            return text.lines()
                    .filter(line -> line.startsWith("data: "))
                    .map(line -> line.substring("data: ".length()))
                    .toList();
        }
    }

    public static Map<String, Object> question(String model, int maxTokens) {
        return Map.of(
                "model",
                model,
                "messages",
                List.of(Map.of("role", "user", "content", QUESTION)),
                "temperature",
                0,
                "max_tokens",
                maxTokens);
    }

    public static Reply ask(String model, int maxTokens) {
        return chat(question(model, maxTokens));
    }

    public static CompletableFuture<Reply> askAsync(String model, int maxTokens) {
        return HTTP.sendAsync(post(question(model, maxTokens)), text()).thenApply(Service::reply);
    }

    public static Reply chat(Object body) {
        return send(post(body));
    }

    /** A text completion. */
    public static Reply complete(Object body) {
        return send(post("/v1/completions", body));
    }

    public static CompletableFuture<Reply> chatAsync(Object body) {
        return HTTP.sendAsync(post(body), text()).thenApply(Service::reply);
    }

    /** Opens a stream; closing the reader closes the connection. */
    public static BufferedReader open(Object body) {
        try {
            var response = HTTP.send(post(body), HttpResponse.BodyHandlers.ofInputStream());
            return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Hands a version's checkpoint over, as gateways do. */
    public static Reply give(CheckpointEvent event) {
        return send(giving(event));
    }

    private static HttpRequest giving(CheckpointEvent event) {
        return HttpRequest.newBuilder(uri(ReplicaRoutes.version(event.adapter(), event.version())))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(Json.write(event)))
                .build();
    }

    public static Reply get(String path) {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    /** Sends bytes as no client would. */
    public static RawHttp.Answer raw(byte[] request) {
        return RawHttp.send(uri("/"), request);
    }

    /** From the port for health and metrics. */
    public static Reply management(String path) {
        return send(HttpRequest.newBuilder(uri("quarkus.management.test-port", path))
                .build());
    }

    /** What GET /adapters says of a name. */
    public static List<JsonNode> adapters(String name) {
        return StreamSupport.stream(get("/adapters").json().get("adapters").spliterator(), false)
                .filter(adapter -> name.equals(adapter.get("name").asText()))
                .toList();
    }

    /** The version that new requests get; empty if the name is not served. */
    public static Optional<String> serving(String name) {
        return adapters(name).stream()
                .filter(adapter -> "serving".equals(adapter.get("state").asText()))
                .map(adapter -> adapter.get("version").asText())
                .findFirst();
    }

    /** The last refusal of a name. */
    public static Optional<JsonNode> rejected(String name) {
        return adapters(name).stream()
                .filter(adapter -> "rejected".equals(adapter.get("state").asText()))
                .findFirst();
    }

    /** The value of a metric, by its name and labels as Prometheus reads them. */
    public static double metric(String series) {
        return management("/q/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + series));
    }

    /** A client of its own, whose connections can be broken. */
    public static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    /** A request to the chat completions; a string is sent as it is, all else as JSON. */
    public static HttpRequest post(Object body) {
        return post("/v1/chat/completions", body);
    }

    private static HttpRequest post(String path, Object body) {
        try {
            var bytes =
                    body instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : JSON.writeValueAsBytes(body);
            return HttpRequest.newBuilder(uri(path))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reply send(HttpRequest request) {
        try {
            return reply(HTTP.send(request, text()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Reply reply(HttpResponse<String> response) {
        return new Reply(response.statusCode(), response.headers(), response.body());
    }

    private static HttpResponse.BodyHandler<String> text() {
        return HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8);
    }

    private static URI uri(String path) {
        return uri("quarkus.http.port", path);
    }

    private static URI uri(String port, String path) {
        return URI.create("http://localhost:" + ConfigProvider.getConfig().getValue(port, Integer.class) + path);
    }
}
