package io.lorikeet.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One client of the service, with connections of its own. */
public final class ChatClient implements AutoCloseable {
    private static final String DATA = "data: ";
    private static final String DONE = "[DONE]";

    private final URI service;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public ChatClient(URI service) {
        this.service = service;
    }

    /** Asks an adapter for its number. */
    public StreamedAnswer ask(String model, int maxTokens) {
        return ask(model, maxTokens, Integer.MAX_VALUE);
    }

    /** The same, but hangs up after so many deltas. */
    public StreamedAnswer ask(String model, int maxTokens, int patience) {
        byte[] body = Json.write(Map.of(
                "model",
                model,
                "messages",
                List.of(Map.of("role", "user", "content", NumberedAdapters.QUESTION)),
                "temperature",
                0,
                "max_tokens",
                maxTokens,
                "stream",
                true));
        HttpResponse<InputStream> response = send(post(body), HttpResponse.BodyHandlers.ofInputStream());
        Optional<String> adapter = response.headers().firstValue("X-Lorikeet-Adapter");
        Optional<String> version = response.headers().firstValue("X-Lorikeet-Version");
        try (InputStream stream = response.body()) {
            if (response.statusCode() != 200) {
                return new StreamedAnswer(
                        response.statusCode(),
                        adapter,
                        version,
                        new String(stream.readAllBytes(), StandardCharsets.UTF_8),
                        Optional.empty(),
                        List.of());
            }
            return read(stream, adapter, version, patience);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StreamedAnswer read(
            InputStream stream, Optional<String> adapter, Optional<String> version, int patience) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        var text = new StringBuilder();
        List<Long> arrivals = new ArrayList<>();
        Optional<String> finishReason = Optional.empty();
        for (String line = lines.readLine(); line != null && arrivals.size() < patience; line = lines.readLine()) {
            if (!line.startsWith(DATA) || line.endsWith(DONE)) {
                continue;
            }
            JsonNode chunk = Json.mapper().readTree(line.substring(DATA.length()));
            if (chunk.has("error")) {
                return new StreamedAnswer(500, adapter, version, chunk.toString(), Optional.empty(), arrivals);
            }
            String delta = chunk.at("/choices/0/delta/content").asText("");
            if (!delta.isEmpty()) {
                arrivals.add(System.nanoTime());
                text.append(delta);
            }
            JsonNode reason = chunk.at("/choices/0/finish_reason");
            if (reason.isTextual()) {
                finishReason = Optional.of(reason.asText());
            }
        }
        return new StreamedAnswer(200, adapter, version, text.toString(), finishReason, arrivals);
    }

    /** Sends any body to the chat completions. Returns the status. */
    public int post(String body) {
        return send(post(body.getBytes(StandardCharsets.UTF_8)), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** The text of a GET. */
    public String get(String path) {
        return send(
                        HttpRequest.newBuilder(service.resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                .body();
    }

    private HttpRequest post(byte[] body) {
        return HttpRequest.newBuilder(service.resolve("/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(request.method() + " " + request.uri() + " failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
