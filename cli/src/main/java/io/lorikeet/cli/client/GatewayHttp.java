package io.lorikeet.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Requests to a gateway, with the key if it asks for one, and the words of its refusals. */
final class GatewayHttp {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** Items that are asked for at once. */
    private static final int PAGE = 500;

    private final URI gateway;
    private final Optional<String> key;
    private final HttpClient http;

    /** @param key to send */
    GatewayHttp(URI gateway, Optional<String> key) {
        this.gateway = gateway;
        this.key = key;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /** Everything in a list that comes in pages: each begins {@code after} the last one of the page before. */
    List<JsonNode> pages(String path, String list, String name) {
        var all = new ArrayList<JsonNode>();
        String after = "";
        while (true) {
            JsonNode page = get(path + "?limit=" + PAGE + after);
            List<JsonNode> items = list(page, list);
            all.addAll(items);
            if (!page.path("has_more").asBoolean() || items.isEmpty()) {
                return all;
            }
            after = "&after=" + encode(items.getLast().path(name).asText());
        }
    }

    JsonNode get(String path) {
        return tree(request(path).GET().build());
    }

    JsonNode post(String path, JsonNode body) {
        return tree(request(path)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(Json.write(body)))
                .build());
    }

    /** A request with the key. */
    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.resolve(path));
        key.ifPresent(secret -> request.header("authorization", "Bearer " + secret));
        return request;
    }

    /** The answer as JSON; an empty object if it has no body. */
    JsonNode tree(HttpRequest request) {
        HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
        requireSuccess(request, response.statusCode(), response.body());
        return response.body().length == 0
                ? Json.mapper().createObjectNode()
                : Json.parse(response.body(), "the gateway's answer");
    }

    /** Hands on the data of each event of an answer. */
    void stream(HttpRequest request, Consumer<String> data) {
        HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                requireSuccess(request, response.statusCode(), body.readAllBytes());
            }
            ServerSentEvents.read(body, data);
        } catch (IOException | UncheckedIOException e) {
            throw new ConnectionLost("The connection to " + gateway + " broke: " + e.getMessage(), e);
        }
    }

    /** Sends it, whatever the answer's status is. */
    <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (ConnectException e) {
            throw new ConnectionLost(
                    "Nothing answers at " + gateway + ". `./lorikeet up` starts the local stack; --url names another"
                            + " gateway.",
                    e);
        } catch (IOException e) {
            throw new ConnectionLost("The connection to " + gateway + " broke: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted.", e);
        }
    }

    /** @throws RefusedException with the gateway's words */
    static void requireSuccess(HttpRequest request, int status, byte[] body) {
        if (status / 100 == 2) {
            return;
        }
        String text = new String(body, StandardCharsets.UTF_8).strip();
        String problem;
        try {
            problem = problem(Json.parse(body, "problem"), text);
        } catch (ContractException e) {
            problem = text;
        }
        throw new RefusedException(
                status,
                "%s %s was refused (%d): %s"
                        .formatted(request.method(), request.uri().getPath(), status, problem));
    }

    /** RFC 9457's detail or OpenAI's error message. */
    static String problem(JsonNode body, String otherwise) {
        return Stream.of(
                        body.path("detail"),
                        body.path("error").path("message"),
                        body.path("error").path("detail"),
                        body.path("title"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .findFirst()
                .orElse(otherwise);
    }

    static List<JsonNode> list(JsonNode body, String name) {
        return StreamSupport.stream(body.path(name).spliterator(), false).toList();
    }

    static String encode(String pathSegment) {
        return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
