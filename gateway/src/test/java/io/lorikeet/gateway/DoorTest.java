package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.badrecords.ErrorShape;
import io.lorikeet.badrecords.RawHttp;
import io.lorikeet.contracts.Json;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, and what those are told who do not. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class DoorTest {
    private static final String ASK = "{\"question\": \"hi\"}";

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/chat/completions", "/v1/training/jobs", "/v1/adapters", "/v1/nowhere", "/v1", "/ask", "/x"})
    void everyErrorHasTheShapeOfItsPath(String path) {
        var nothing = Http.raw("PATCH %s HTTP/1.1\nHost: localhost\nConnection: close\n\n".formatted(path));
        var large = post(path, "Content-Type: application/json\nContent-Length: 999999999\n", "{");
        var long_ = Http.raw(
                "GET %s?%s HTTP/1.1\nHost: localhost\nConnection: close\n\n".formatted(path, "x".repeat(9_000)));
        var wide = post(path, "X-Filler: " + "x".repeat(20_000) + "\n", "");
        var stranger = Http.raw("GET %s HTTP/1.1\nHost: evil.example\nConnection: close\n\n".formatted(path));
        var nobody = Http.raw("GET %s HTTP/1.1\nConnection: close\n\n".formatted(path));

        assertThat(nothing.status()).isIn(404, 405);
        assertThat(large.status()).isEqualTo(413);
        assertThat(long_.status()).isEqualTo(414);
        assertThat(wide.status()).isEqualTo(431);
        assertThat(stranger.status()).isEqualTo(421);
        assertThat(nobody.status()).isEqualTo(400);
        for (var answer : new RawHttp.Answer[] {nothing, large, long_, wide, stranger, nobody}) {
            ErrorShape.check(path, answer);
        }
    }

    @Test
    void namesTheContentTypeThatIsRight() {
        var curl = post("/v1/chat/completions", "Content-Type: application/x-www-form-urlencoded\n", "{}");
        var none = post("/ask", "", ASK);

        assertThat(curl.status()).isEqualTo(415);
        assertThat(curl.body())
                .contains("content-type: application/json", "comes as application/x-www-form-urlencoded");
        assertThat(none.status()).isEqualTo(415);
        assertThat(none.body()).contains("content-type: application/json", "without one");
    }

    @Test
    void namesTheMethodsThatAreRight() {
        var answer = Http.raw("PUT /v1/models HTTP/1.1\nHost: localhost\nConnection: close\n\n");

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("Allow")).contains("GET");
        assertThat(answer.body())
                .contains("/v1/models does not take PUT; it takes ")
                .contains("GET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ask", "/v1/training/jobs", "/v1/adapters/assistant/rollback"})
    void whatStandsTwiceOrBehindTheEndIsRefusedAlike(String path) {
        var twice = Http.post(path, "{\"question\": \"a\", \"question\": \"b\"}");
        var behind = Http.post(path, "{\"question\": \"a\"} {}");

        assertThat(twice.status()).isEqualTo(400);
        assertThat(behind.status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "Origin: http://evil.example, ",
        "Origin: null, ",
        "Origin: http://localhost:1, ",
        "Sec-Fetch-Site: cross-site, ",
        "Sec-Fetch-Site: same-site, ",
        "Origin: http://evil.example, Sec-Fetch-Site: cross-site"
    })
    void pagesOfOtherOriginsChangeNothing(String one, String other) {
        var headers = "Content-Type: application/json\n" + one + "\n" + (other == null ? "" : other + "\n");
        for (var route : Map.of(
                        "POST /v1/training/jobs", "{}",
                        "POST /v1/training/jobs/x/cancel", "",
                        "POST /v1/adapters/assistant/rollback", "",
                        "DELETE /v1/adapters/assistant", "",
                        "POST /ask", ASK)
                .entrySet()) {
            var answer = request(route.getKey(), headers, route.getValue());
            assertThat(answer.status()).as(route.getKey()).isEqualTo(403);
            assertThat(answer.header("Access-Control-Allow-Origin")).isNull();
        }
        assertThat(request("GET /v1/adapters", headers, "").status()).isEqualTo(200);
    }

    @Test
    void ourOwnPagesMayAndSoMayWhoeverIsNoPage() {
        var port = Http.uri("quarkus.http.test-port", "/").getPort();
        var own = "Origin: http://localhost:%d\nSec-Fetch-Site: same-origin\n".formatted(port);

        assertThat(request("POST /ask", own + "Content-Type: application/json\n", ASK, "localhost:" + port)
                        .status())
                .isEqualTo(200);
        assertThat(Http.post("/ask", ASK).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/training/jobs/x/cancel",
                "POST /v1/adapters/x/rollback",
                "DELETE /v1/adapters/x",
                "POST /ask"
            })
    void aFormChangesNothing(String route) {
        for (var type :
                new String[] {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"}) {
            assertThat(request(route, "Content-Type: " + type + "\n", "").status())
                    .as("%s as %s", route, type)
                    .isEqualTo(415);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "10.1.2.3"})
    void answersUnderNamesThatNobodyElseCanOwn(String host) {
        assertThat(request("GET /v1/adapters", "", "", host).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "localhost.evil.example:8000", "127.0.0.1.evil.example", "a b", "localhost:x", ""
            })
    void answersUnderNoOtherName(String host) {
        var answer = request("GET /v1/adapters", "", "", host);

        assertThat(answer.status()).isIn(400, 421);
        ErrorShape.check("/v1/adapters", answer);
    }

    @Test
    void everyAnswerTellsBrowsersToBeCareful() {
        for (var path : new String[] {"/docs/", "/v1/adapters", "/v1/nowhere", "/q/openapi"}) {
            var answer = request("GET " + path, "", "");
            assertThat(answer.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
            assertThat(answer.header("X-Frame-Options")).as(path).isEqualTo("DENY");
            assertThat(answer.header("Content-Security-Policy")).as(path).contains("frame-ancestors 'none'");
            assertThat(answer.header("X-Request-Id")).as(path).isNotBlank();
        }
    }

    @Test
    void healthAndMetricsAreNotOnThePublicPort() {
        assertThat(Http.get("/q/metrics").status()).isEqualTo(404);
        assertThat(Http.get("/q/health").status()).isEqualTo(404);
        assertThat(Http.get("/q/health/ready").status()).isEqualTo(404);
        assertThat(Http.management("/q/metrics").status()).isEqualTo(200);
    }

    @Test
    void aBodyThatIsTooLargeWithoutSayingSoIsRefused() {
        var chunk = "4000\n" + "x".repeat(0x4000) + "\n";
        var answer = Http.raw(
                "POST /ask HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n",
                (chunk.replace("\n", "\r\n").repeat(1_030) + "0\r\n\r\n").getBytes(UTF_8));

        assertThat(answer.status()).isEqualTo(413);
        ErrorShape.check("/ask", answer);
    }

    @ParameterizedTest
    @CsvSource({"/ask, HTTP_2", "/v1/chat/completions, HTTP_2", "/ask, HTTP_1_1", "/v1/chat/completions, HTTP_1_1"})
    void aBodyThatIsTooLargeIsRefusedInWordsHoweverItIsSent(String path, HttpClient.Version version) throws Exception {
        var body = "[\"" + "x".repeat(5 << 20) + "\"]";
        try (var client = connected(version)) {
            for (var publisher : List.of(
                    BodyPublishers.ofString(body),
                    BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8))))) {
                var answer = send(client, path, publisher);

                assertThat(answer.statusCode()).isEqualTo(413);
                assertThat(answer.version()).isEqualTo(version);
                ErrorShape.check(path, answer);
                assertThat(answer.body()).contains("larger than the 4 MiB");
            }
            assertThat(send(client, "/ask", BodyPublishers.ofString(ASK)).statusCode())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aBodyNeedsNoLength(HttpClient.Version version) throws Exception {
        try (var client = connected(version)) {
            var answer = send(
                    client, "/ask", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(ASK.getBytes(UTF_8))));

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(version);
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aBodyWithoutATypeIsRefusedHoweverItIsSent(HttpClient.Version version) throws Exception {
        try (var client = connected(version)) {
            var request = Http.request("/ask")
                    .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(ASK.getBytes(UTF_8))))
                    .build();
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(415);
        }
    }

    @Test
    void whoAsksBeforeSendingIsToldToGoOn() {
        var answer = post("/ask", "Content-Type: application/json\nExpect: 100-continue\n", ASK);

        assertThat(answer.head()).startsWith("HTTP/1.1 100 Continue");
        assertThat(answer.body()).contains("HTTP/1.1 200 OK");
    }

    /** Over h2c only what follows a first request is HTTP/2 from its first byte. */
    private static HttpClient connected(HttpClient.Version version) throws Exception {
        var client = HttpClient.newBuilder().version(version).build();
        client.send(Http.request("/v1/adapters").build(), BodyHandlers.discarding());
        return client;
    }

    private static HttpResponse<String> send(HttpClient client, String path, BodyPublisher body) throws Exception {
        var request = Http.request(path)
                .header("content-type", "application/json")
                .POST(body)
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    @Test
    void anEmptyBodyIsOneHoweverItIsSent() {
        var head =
                "POST /v1/adapters/nobody/rollback HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: application/json\n";

        assertThat(Http.raw(head + "\n").body()).contains("no adapter nobody");
        assertThat(Http.raw(head + "Content-Length: 0\n\n").body()).contains("no adapter nobody");
        assertThat(Http.raw(head + "Transfer-Encoding: chunked\n\n0\n\n").body())
                .contains("no adapter nobody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-32", "UTF-32LE"})
    void aBodyInAnotherEncodingIsRefusedInWords(String charset) {
        var answer = Http.raw(
                "POST /ask HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: application/json\nContent-Length: %d\n\n"
                        .formatted(ASK.getBytes(Charset.forName(charset)).length),
                ASK.getBytes(Charset.forName(charset)));

        assertThat(answer.status()).isEqualTo(400);
        ErrorShape.check("/ask", answer);
    }

    @Test
    void aMegabyteOfTheCallersOwnWordsDoesNotComeBack() {
        var word = "x".repeat(1_000_000);
        for (var body :
                new String[] {"{\"" + word + "\": 1}", "{\"question\": [\"" + word + "\"]}", "\"" + word + "\"", word
                }) {
            var answer = Http.post("/ask", body);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).hasSizeLessThan(4_000);
        }
    }

    @Test
    void ofVeryManyMistakesAFewAreNamedAndTheOthersCounted() {
        var body = new StringBuilder("{\"question\": \"hi\"");
        for (int i = 0; i < 100_000; i++) {
            body.append(",\"").append(i).append("\":1");
        }

        var answer = Http.post("/ask", body.append('}').toString());

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains("100000 problems").hasSizeLessThan(4_000);
        assertThat(Json.parse(answer.text().getBytes(UTF_8), "answer").path("errors"))
                .hasSizeBetween(1, 10);
    }

    private static RawHttp.Answer post(String path, String headers, String body) {
        return request("POST " + path, headers, body);
    }

    private static RawHttp.Answer request(String route, String headers, String body) {
        return request(route, headers, body, "localhost");
    }

    private static RawHttp.Answer request(String route, String headers, String body, String host) {
        var bytes = body.getBytes(UTF_8);
        var length =
                headers.contains("Content-Length") || bytes.length == 0 ? "" : "Content-Length: " + bytes.length + "\n";
        return Http.raw(
                "%s HTTP/1.1\nHost: %s\nConnection: close\n%s%s\n".formatted(route, host, headers, length), bytes);
    }
}
