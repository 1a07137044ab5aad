package io.lorikeet.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.badrecords.RawHttp;
import io.lorikeet.contracts.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;

/** A client of the gateway under test. */
final class Http {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Http() {}

    record Answer(int status, String type, HttpResponse<byte[]> response) {
        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            return Json.parse(response.body(), "answer");
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }

        /** The data of each server-sent event. */
        List<String> events() {
            return text().lines()
                    .filter(line -> line.startsWith("data: "))
                    .map(line -> line.substring(6))
                    .toList();
        }
    }

    static Answer get(String path) {
        return send(request(path).GET());
    }

    static Answer delete(String path) {
        return send(request(path).DELETE());
    }

    static Answer post(String path, String json) {
        return send(request(path)
                .header("content-type", "application/json")
                .POST(json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json)));
    }

    /** The body as it comes; closing it drops the connection. */
    static InputStream stream(String path, String json) throws IOException, InterruptedException {
        var request = request(path)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build();
        return CLIENT.send(request, BodyHandlers.ofInputStream()).body();
    }

    /** What comes of a stream before its connection breaks; an error if it ends as it should. */
    static String broken(HttpClient.Version version, String path, String json) {
        var request = request(path)
                .version(version)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build();
        var read = new ByteArrayOutputStream();
        try (var client = HttpClient.newHttpClient();
                var body = client.send(request, BodyHandlers.ofInputStream()).body()) {
            body.transferTo(read);
        } catch (IOException _) {
            return read.toString(StandardCharsets.UTF_8);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("the stream ended as it should: " + read);
    }

    /** From the port for health and metrics. */
    static Answer management(String path) {
        return send(HttpRequest.newBuilder(uri("quarkus.management.test-port", path)));
    }

    /** A request to be finished by whoever asked for it. */
    static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri("quarkus.http.test-port", path));
    }

    /** Where the gateway under test listens. */
    static URI uri(String port, String path) {
        return URI.create("http://localhost:" + ConfigProvider.getConfig().getValue(port, Integer.class) + path);
    }

    /** Sends bytes as no client would. */
    static RawHttp.Answer raw(byte[] request) {
        return RawHttp.send(uri("quarkus.http.test-port", "/"), request);
    }

    /** The same, of a request's head and body. */
    static RawHttp.Answer raw(String head, byte... body) {
        return raw(RawHttp.bytes(head, body));
    }

    static Answer send(HttpRequest.Builder request) {
        try {
            var response = CLIENT.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("content-type").orElse(""),
                    response);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
