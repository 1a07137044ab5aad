package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.badrecords.LoggedErrors;
import io.lorikeet.badrecords.RawHttp;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that go before their answer is there. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class HungUpTest {
    private static final Pattern HELD = Pattern.compile("lorikeet_http_body_bytes ([\\d.]+)");

    @ParameterizedTest
    @CsvSource({
        "/ask, false, HTTP_1_1",
        "/ask, false, HTTP_2",
        "/ask, true, HTTP_1_1",
        "/ask, true, HTTP_2",
        "/v1/chat/completions, false, HTTP_1_1",
        "/v1/chat/completions, false, HTTP_2",
        "/v1/chat/completions, true, HTTP_1_1",
        "/v1/chat/completions, true, HTTP_2"
    })
    void areCountedAsSuchAndNoDefect(String path, boolean stream, HttpClient.Version version) throws Exception {
        var before = count(path, "499");
        var failed = count(path, "500");
        try (var logged = new LoggedErrors()) {
            try (var client = HttpClient.newBuilder().version(version).build()) {
                client.send(Http.request("/v1/adapters").build(), BodyHandlers.discarding());
                var request = Http.request(path)
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString(question(path, stream)))
                        .build();
                if (stream) {
                    try (var body =
                            client.send(request, BodyHandlers.ofInputStream()).body()) {
                        assertThat(body.readNBytes(100)).hasSize(100);
                    }
                } else {
                    var asked = InferenceResource.REQUESTS.size();
                    var answer = client.sendAsync(request, BodyHandlers.discarding());
                    await().until(() -> InferenceResource.REQUESTS.size() > asked);
                    answer.cancel(true);
                }
                await().untilAsserted(() -> assertThat(count(path, "499")).isEqualTo(before + 1));
            }
            await().untilAsserted(() -> assertThat(held()).isZero());
            assertThat(count(path, "500")).isEqualTo(failed);
            assertThat(logged.errors()).isEmpty();
        }
    }

    @Test
    void halfABodyIsForgotten() throws Exception {
        var before = count("/ask", "499");
        try (var logged = new LoggedErrors()) {
            var uri = Http.uri("quarkus.http.test-port", "/");
            try (var socket = new Socket(uri.getHost(), uri.getPort())) {
                socket.getOutputStream()
                        .write(RawHttp.bytes(
                                "POST /ask HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 100\n\n",
                                "{\"question\"".getBytes(UTF_8)));
                socket.getOutputStream().flush();
                await().untilAsserted(() -> assertThat(held()).isPositive());
            }
            await().untilAsserted(() -> assertThat(held()).isZero());
            await().untilAsserted(() -> assertThat(count("/ask", "499")).isEqualTo(before + 1));
            assertThat(logged.errors()).isEmpty();
        }
    }

    private static String question(String path, boolean stream) {
        var question = stream ? InferenceResource.ENDLESS : InferenceResource.SILENT;
        return path.equals("/ask")
                ? "{\"question\": \"%s\", \"stream\": %s}".formatted(question, stream)
                : "{\"model\": \"fledgling\", \"stream\": %s, \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}"
                        .formatted(stream, question);
    }

    private static double held() {
        var found = HELD.matcher(Http.management("/q/metrics").text());
        return found.find() ? Double.parseDouble(found.group(1)) : -1;
    }

    private static long count(String path, String status) {
        return Http.management("/q/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("http_server_requests_seconds_count")
                        && line.contains("uri=\"" + path + "\"")
                        && line.contains("status=\"" + status + "\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
