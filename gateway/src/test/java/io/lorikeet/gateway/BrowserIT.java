package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages can do to the gateway in a real browser. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
@WithTestResource(WebPagesResource.class)
class BrowserIT {
    /** Tries everything that a page can send, and tells what the browser let it see. */
    private static final String PAGE = """
            <!doctype html><script>
            const gateway = "GATEWAY";
            const command = JSON.stringify({adapter: "intruder", job_id: "by-HOST", rows: [{query: "q", response: "r"}]});
            const ask = async (path, options) => {
              try {
                const answer = await fetch(gateway + path, options);
                return answer.type === "opaque" ? "opaque" : answer.status + " " + (await answer.text());
              } catch (e) {
                return "blocked";
              }
            };
            const post = (path, body, headers, mode) => ask(path, {method: "POST", body, headers, mode});
            (async () => {
              const told = {
                read: await ask("/v1/adapters"),
                plain: await post("/v1/training/jobs", command, {"content-type": "text/plain"}, "no-cors"),
                untyped: await post("/v1/training/jobs", new Blob([command]), {}, "no-cors"),
                empty: await post("/v1/adapters/intruder/rollback", undefined, {}, "no-cors"),
                json: await post("/v1/training/jobs", command, {"content-type": "application/json"}),
                ask: await post("/ask", JSON.stringify({question: "hi"}), {"content-type": "application/json"}),
              };
              await fetch("/told", {method: "POST", body: JSON.stringify(told)});
            })();
            </script>""";

    @ParameterizedTest
    @ValueSource(strings = {"stranger.example", "127.0.0.1"})
    void aPageOfAnotherOriginReadsNothingAndChangesNothing(String host) throws Exception {
        var told = visit(host);

        assertThat(told.path("read").asText()).isEqualTo("blocked");
        assertThat(told.path("json").asText()).isEqualTo("blocked");
        assertThat(told.path("ask").asText()).isEqualTo("blocked");
        assertThat(Kafka.read(Topics.COMMANDS, "by-" + host)).isEmpty();
    }

    @Test
    void aPageOfAConfiguredOriginMay() throws Exception {
        var told = visit(WebPagesResource.FRIEND);

        assertThat(told.path("read").asText()).startsWith("200 {\"adapters\":");
        assertThat(told.path("ask").asText()).startsWith("200 {\"answer\":");
        assertThat(told.path("json").asText()).startsWith("202 ");
        assertThat(Kafka.read(Topics.COMMANDS, "by-" + WebPagesResource.FRIEND)).hasSize(1);
    }

    @Test
    void aNameThatWasMadeToPointHereIsNotOurs() throws Exception {
        try (var browser = new Browser()) {
            var rebound = "http://rebound.example:"
                    + Http.uri("quarkus.http.test-port", "/").getPort() + "/v1/adapters";

            assertThat(browser.read(rebound))
                    .contains("LORIKEET_HTTP_ALLOWED_HOSTS")
                    .doesNotContain("\"adapters\"");
        }
    }

    @Test
    void swaggerUiShowsTheRoutes() throws Exception {
        try (var browser = new Browser()) {
            var page = browser.read(Http.uri("quarkus.http.test-port", "/docs/").toString());

            assertThat(page).as(browser.log()).contains("opblock-summary", "/v1/training/jobs");
        }
    }

    private static JsonNode visit(String host) throws Exception {
        WebPagesResource.TOLD.clear();
        WebPagesResource.page = PAGE.replace(
                        "GATEWAY", Http.uri("quarkus.http.test-port", "").toString())
                .replace("HOST", host);
        try (var browser = new Browser()) {
            browser.open("http://" + host + ":" + WebPagesResource.port + "/");
            var told = WebPagesResource.TOLD.poll(60, TimeUnit.SECONDS);
            assertThat(told).as(browser.log()).isNotNull();
            return Json.parse(told.getBytes(StandardCharsets.UTF_8), "what the page was able to do");
        }
    }
}
