package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaRoutes;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that speaks the inference service's protocol over HTTP. It knows the base {@code fledgling} and the adapter
 * {@code assistant}; it repeats the question, and some questions make it misbehave.
 */
public class InferenceResource implements QuarkusTestResourceLifecycleManager {
    static final String REPLICA = "one-and-only:8001";
    static final String ENDLESS = "an endless answer";
    static final String OVERLOADED = "one too many";
    static final String BREAKS = "an answer that breaks off";
    static final String SILENT = "no answer at all";
    static final String BROKEN = "a failure inside";
    static final String UNTRUSTED = "a question of a stranger";
    static final String ROLLED_OVER = "two replicas that go away";

    /** The adapters root that it shares with the gateway. */
    static final Path ADAPTERS = Path.of("target", "test-adapters").toAbsolutePath();

    static final List<JsonNode> REQUESTS = new CopyOnWriteArrayList<>();

    /** What each of them had as its Authorization. */
    static final List<String> AUTHORIZATIONS = new CopyOnWriteArrayList<>();

    /** Versions that it was given, by what requests call them. */
    static final Map<String, CheckpointEvent> GIVEN = new ConcurrentHashMap<>();

    /** A version of this name is refused. */
    static final String UNFIT = "unfit@1";

    /** Adapters of such names are served, too, and their versions {@code failing@10} and {@code slow@10} do as they say. */
    static final String TRIED = "tried-";

    /** And every version of this adapter. */
    static final String UNFIT_NAME = "unfit";

    static final AtomicInteger ENDLESS_RUNNING = new AtomicInteger();

    private static final AtomicInteger GOING = new AtomicInteger();

    private HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/models", InferenceResource::models);
        server.createContext("/v1/chat/completions", InferenceResource::complete);
        server.createContext("/v1/adapters/", InferenceResource::take);
        server.createContext("/v1/completions", InferenceResource::completeText);
        server.start();
        return Map.of(
                "lorikeet.inference-url",
                        "http://localhost:" + server.getAddress().getPort(),
                "lorikeet.adapters-root", ADAPTERS.toString(),
                "lorikeet.max-adapter-file-size", "64K",
                "lorikeet.inference-timeout", "2s",
                "lorikeet.default-adapter", "assistant");
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    private static void models(HttpExchange exchange) throws IOException {
        json(exchange, 200, """
                {"object": "list", "data": [
                  {"id": "fledgling", "object": "model", "owned_by": "lorikeet", "fingerprint": "sha256:%s"},
                  {"id": "assistant", "object": "model", "owned_by": "lorikeet", "parent": "fledgling"}]}""".formatted("cd".repeat(32)));
    }

    private static void take(HttpExchange exchange) throws IOException {
        var event = Json.read(exchange.getRequestBody().readAllBytes(), CheckpointEvent.class);
        if (!exchange.getRequestMethod().equals("PUT")
                || !exchange.getRequestURI()
                        .getRawPath()
                        .equals(ReplicaRoutes.version(event.adapter(), event.version()))) {
            error(exchange, 400, "this is no version");
        } else if (event.version().equals(UNFIT) || event.adapter().equals(UNFIT_NAME)) {
            error(exchange, 422, "the tensors are not those of the event");
        } else {
            GIVEN.put(event.adapter() + "@" + event.version(), event);
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        }
    }

    private static void completeText(HttpExchange exchange) throws IOException {
        var prompt =
                Json.parse(exchange.getRequestBody().readAllBytes(), "request").path("prompt");
        json(exchange, 200, "{\"object\": \"text_completion\", \"prompt\": " + prompt + "}");
    }

    private static void complete(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("X-Lorikeet-Replica", REPLICA);
        JsonNode request;
        try {
            request = Json.parse(exchange.getRequestBody().readAllBytes(), "request");
        } catch (ContractException _) {
            error(exchange, 400, "this is no JSON");
            return;
        }
        AUTHORIZATIONS.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        REQUESTS.add(request);
        var model = request.path("model").asText();
        var messages = request.path("messages");
        var question = messages.path(messages.size() - 1).path("content").asText();
        if (model.contains("@")) {
            if (model.startsWith(TRIED) && model.endsWith("@failing@10")) {
                error(exchange, 500, "The server failed on this version");
            } else if (GIVEN.containsKey(model) || (model.startsWith(TRIED) && model.endsWith("@stable@10"))) {
                sleep(model.endsWith("@slow@10") ? 100 : 0);
                whole(exchange, model, question);
            } else {
                error(exchange, ReplicaRoutes.VERSION_NOT_LOADED, "that version is not here");
            }
            return;
        }
        if (!model.equals("fledgling") && !model.equals("assistant") && !model.startsWith(TRIED)) {
            error(exchange, 404, "The model `" + model + "` does not exist; there are fledgling, assistant");
            return;
        }
        switch (question) {
            case OVERLOADED -> {
                exchange.getResponseHeaders().add("Retry-After", "7");
                error(exchange, 429, "The server is overloaded");
            }
            case BROKEN -> error(exchange, 500, "The server failed on this request");
            case UNTRUSTED -> error(exchange, 401, "Send the secret");
            case SILENT -> sleep(60_000);
            case ROLLED_OVER -> {
                switch (GOING.getAndIncrement()) {
                    case 0 -> error(exchange, 503, "This replica is shutting down");
                    case 1 -> exchange.close(); // no answer, the connection closed
                    default -> whole(exchange, model, question);
                }
            }
            default -> {
                if (request.path("stream").asBoolean()) {
                    stream(exchange, model, question);
                } else {
                    whole(exchange, model, question);
                }
            }
        }
    }

    private static void whole(HttpExchange exchange, String model, String question) throws IOException {
        json(exchange, 200, """
                {"id": "1", "object": "chat.completion", "created": 1, "model": "%s", "choices": [
                   {"index": 0, "message": {"role": "assistant", "content": "%s!"}, "finish_reason": "stop"}],
                 "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}, "lorikeet": %s}""".formatted(model, question, served(exchange, model)));
    }

    private static void stream(HttpExchange exchange, String model, String question) throws IOException {
        var served = served(exchange, model);
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        // a body of a known length that never comes makes the server drop the connection
        exchange.sendResponseHeaders(200, question.equals(BREAKS) ? 1_000_000 : 0);
        try (var body = exchange.getResponseBody()) {
            boolean endless = question.equals(ENDLESS);
            if (endless) {
                ENDLESS_RUNNING.incrementAndGet();
            }
            try {
                for (int i = 0; endless || i < question.length(); i++) {
                    var piece = endless ? "x" : question.substring(i, i + 1);
                    var event = """
                            data: {"object": "chat.completion.chunk", "lorikeet": %s, "choices": [
                            data: {"index": 0, "delta": {"content": "%s"}, "finish_reason": null}]}

                            """.formatted(served, piece).getBytes(UTF_8);
                    // cut in the middle of a character's bytes, as a network may
                    int cut = event.length - 40;
                    body.write(event, 0, cut);
                    body.flush();
                    body.write(event, cut, event.length - cut);
                    body.flush();
                    sleep(endless ? 10 : 1);
                    if (question.equals(BREAKS) && i == 3) {
                        throw new IOException("breaks off");
                    }
                }
            } finally {
                if (endless) {
                    ENDLESS_RUNNING.decrementAndGet();
                }
            }
            body.write("""
                    data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

                    data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}}

                    data: [DONE]

                    """.getBytes(UTF_8));
        }
    }

    private static String served(HttpExchange exchange, String model) {
        if (model.equals("fledgling")) {
            return "{\"adapter\": null, \"version\": null}";
        }
        var asked = AdapterAddress.of(model);
        var version = asked.version().orElse(model.startsWith(TRIED) ? "stable@10" : "job-1@40");
        exchange.getResponseHeaders().add("X-Lorikeet-Adapter", asked.adapter());
        exchange.getResponseHeaders().add("X-Lorikeet-Version", version);
        return "{\"adapter\": \"" + asked.adapter() + "\", \"version\": \"" + version + "\"}";
    }

    private static void error(HttpExchange exchange, int status, String message) throws IOException {
        json(exchange, status, """
                {"error": {"message": "%s", "type": "test_error", "param": null, "code": null}}""".formatted(message));
    }

    private static void json(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
