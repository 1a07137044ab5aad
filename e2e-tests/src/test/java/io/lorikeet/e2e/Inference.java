package io.lorikeet.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.Map;

/** One inference replica, asked past the gateway. */
final class Inference {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final URI address;

    Inference(int port) {
        this.address = URI.create("http://127.0.0.1:" + port);
    }

    /** An answer and who gave it. */
    record Answer(String text, String adapter, String version) {}

    /** Asks at temperature 0. */
    Answer ask(String model, String question) {
        ObjectNode body = Json.mapper().createObjectNode().put("model", model).put("temperature", 0);
        body.put("max_tokens", 32);
        body.putArray("messages").addObject().put("role", "user").put("content", question);
        JsonNode answer = send(HttpRequest.newBuilder(address.resolve("/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(Json.write(body)))
                .build());
        JsonNode served = answer.path("lorikeet");
        return new Answer(
                answer.path("choices").path(0).path("message").path("content").asText(),
                served.path("adapter").textValue(),
                served.path("version").textValue());
    }

    /** The versions of an adapter that it refuses, with the reason. */
    Map<String, String> rejections(String adapter) {
        Map<String, String> rejections = new HashMap<>();
        for (JsonNode version : send(HttpRequest.newBuilder(address.resolve("/adapters"))
                        .build())
                .path("adapters")) {
            if (version.path("name").asText().equals(adapter)
                    && version.path("state").asText().equals("rejected")) {
                rejections.put(
                        version.path("version").asText(), version.path("detail").asText());
            }
        }
        return rejections;
    }

    private static JsonNode send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = HTTP.send(request, BodyHandlers.ofByteArray());
            JsonNode body = Json.parse(response.body(), request.uri().toString());
            if (response.statusCode() != 200) {
                throw new AssertionError(request.uri() + " answered " + response.statusCode() + ": " + body);
            }
            return body;
        } catch (IOException e) {
            throw new AssertionError(request.uri() + " cannot be asked: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
