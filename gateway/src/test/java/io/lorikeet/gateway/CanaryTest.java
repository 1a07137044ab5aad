package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.CanaryDecision;
import io.lorikeet.contracts.CanaryDecision.Kind;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Canaries over a real broker, with a replica that answers over HTTP as {@link InferenceResource} says. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class CanaryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int USERS = 60;

    @Test
    void aShareOfThoseWhoAskIsAnsweredByItUntilItIsTakenBack() {
        var adapter = InferenceResource.TRIED + "shared";
        served(adapter, "stable@10");
        known(adapter, "next@10", List.of());

        var begun = Http.post(canary(adapter), """
                {"version": "next@10", "share": 0.5, "bounds": {"min_requests": 1000}}""");
        assertThat(begun.status()).as(begun.text()).isEqualTo(202);
        assertThat(begun.json().path("version").asText()).isEqualTo("next@10");

        var first = answeredBy(adapter);
        assertThat(first).contains("next@10", "stable@10").hasSize(USERS);
        assertThat(first.stream().filter("next@10"::equals).count()).isBetween(15L, 45L);
        assertThat(answeredBy(adapter))
                .as("everybody gets what they got before")
                .isEqualTo(first);
        var named = ask("{\"adapter\": \"" + adapter + "@stable@10\", \"question\": \"q\", \"user\": \"u1\"}");
        assertThat(named.path("version").asText())
                .as("who names a version gets it")
                .isEqualTo("stable@10");
        var shown = Http.get("/v1/adapters/" + adapter).json();
        assertThat(shown.path("version").asText()).isEqualTo("stable@10");
        assertThat(shown.at("/canary/canary/requests").asInt()
                        + shown.at("/canary/stable/requests").asInt())
                .isEqualTo(2 * USERS);
        assertThat(shown.at("/canary/bounds/max_error_rate").asDouble())
                .as("a setting")
                .isEqualTo(0.05);
        assertThat(shown.at("/canary/verdict").asText()).contains("more requests");
        assertThat(shown.path("versions").findValuesAsText("state")).containsExactly("canary", "stable");
        assertThat(Http.delete("/v1/adapters/" + adapter + "/versions/next@10").status())
                .as("it is in use")
                .isEqualTo(409);

        var more = patch(adapter, "{\"share\": 1}");
        assertThat(more.status()).as(more.text()).isEqualTo(202);
        assertThat(answeredBy(adapter)).containsOnly("next@10");
        assertThat(Http.delete(canary(adapter)).status()).isEqualTo(204);
        assertThat(answeredBy(adapter)).containsOnly("stable@10");

        var events = events(adapter);
        assertThat(events.stream().skip(1).map(event -> event.decision().kind()))
                .containsExactly(Kind.STARTED, Kind.SHARE_CHANGED, Kind.ROLLED_BACK);
        assertThat(events.stream().map(CheckpointEvent::version)).containsOnly("stable@10");
        assertThat(events.get(1).canary().checkpoint()).isEqualTo(Kafka.checkpoint(adapter, "next@10", List.of()));
        assertThat(events.get(1).decision().replaces())
                .isEqualTo(events.getFirst().time());
        assertThat(Http.delete(canary(adapter)).status())
                .as("there is none any more")
                .isEqualTo(404);
    }

    @Test
    void isPromotedByItselfWhenItHasKeptItsBounds() {
        var adapter = InferenceResource.TRIED + "kept";
        served(adapter, "stable@10");
        // the answer repeats the question
        known(adapter, "next@10", List.of(acceptance("red", "red")));
        start(adapter, "next@10", 5, 0);
        IntStream.range(0, 5).forEach(i -> askAs(adapter, "u" + i));

        awaitVersion(adapter, "next@10");

        var shown = Http.get("/v1/adapters/" + adapter).json();
        assertThat(shown.has("canary")).isFalse();
        assertThat(shown.at("/decision/kind").asText()).isEqualTo("promoted");
        assertThat(shown.at("/decision/reason").asText())
                .contains("kept its bounds", "0.0 % of its 5 requests", "1 of 1 acceptance");
        assertThat(shown.path("versions").findValuesAsText("state")).containsExactly("stable", "superseded");
        assertThat(Http.management("/q/metrics").text())
                .contains("lorikeet_canary_decisions_total{outcome=\"promoted\",passed=\"none\"}");
        assertThat(Http.post("/v1/adapters/" + adapter + "/rollback", null)
                        .json()
                        .path("version")
                        .asText())
                .isEqualTo("stable@10");
    }

    @ParameterizedTest
    @CsvSource({
        "fails, failing@10, 100.0 % of its 5 requests failed, error_rate",
        "lags, slow@10, its median answer takes, latency",
        "misfits, unfit@1, no replica takes it: the tensors are not those of the event, fitness",
        "strays, next@10, to \"red\" it says \"red!\", acceptance"
    })
    void isRolledBackByItselfWhenItPassesABound(String name, String version, String reason, String bound) {
        var adapter = InferenceResource.TRIED + name;
        served(adapter, "stable@10");
        var questions =
                switch (bound) {
                    case "acceptance" -> List.of(acceptance("red", "green"));
                    case "fitness" -> List.of(acceptance("red", "red"));
                    default -> List.<AcceptanceAnswer>of();
                };
        known(adapter, version, questions);
        IntStream.range(0, 5).forEach(i -> askAs(adapter, "u" + i));
        start(adapter, version, 5);
        if (bound.equals("latency")) {
            patch(adapter, "{\"share\": 0.5}");
            answeredBy(adapter);
        } else if (bound.equals("error_rate")) {
            IntStream.range(0, 5).forEach(i -> askAs(adapter, "u" + i));
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Http.get("/v1/adapters/" + adapter)
                        .json()
                        .at("/decision/kind")
                        .asText())
                .isEqualTo("rolled_back"));
        var shown = Http.get("/v1/adapters/" + adapter).json();
        assertThat(shown.path("version").asText()).isEqualTo("stable@10");
        assertThat(shown.has("canary")).isFalse();
        assertThat(shown.at("/decision/reason").asText()).contains(reason);
        assertThat(askAs(adapter, "u1")).isEqualTo("stable@10");
        assertThat(Http.management("/q/metrics").text())
                .contains("lorikeet_canary_decisions_total{outcome=\"rolled_back\",passed=\"" + bound + "\"}");
    }

    @Test
    void whoWouldGetACanaryThatNoReplicaTakesGetsTheStableVersion() {
        var adapter = InferenceResource.TRIED + "spared";
        served(adapter, "stable@10");
        known(adapter, InferenceResource.UNFIT, List.of());
        start(adapter, InferenceResource.UNFIT, 1000);

        assertThat(askAs(adapter, "u1")).isEqualTo("stable@10");

        assertThat(Http.get("/v1/adapters/" + adapter)
                        .json()
                        .at("/canary/canary/failed")
                        .asInt())
                .isEqualTo(1);
        assertThat(Http.post(canary(adapter) + "/promote", null).status()).isEqualTo(204);
        awaitVersion(adapter, InferenceResource.UNFIT);
    }

    @Test
    void aDecisionThatAnotherGatewayMadeTooLateUndoesNothing() {
        var adapter = InferenceResource.TRIED + "contested";
        served(adapter, "stable@10");
        known(adapter, "next@10", List.of());
        start(adapter, "next@10", 1000);
        var before = events(adapter).getLast();
        assertThat(Http.post(canary(adapter) + "/promote", null).status()).isEqualTo(204);

        // it has seen the canary, and not that it was promoted
        var late = before.decided(
                Instant.now(), null, new CanaryDecision(Kind.ROLLED_BACK, "next@10", "late", before.time()));
        Kafka.publish(Topics.CHECKPOINTS, adapter, late);

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        events(adapter).getLast().decision().kind())
                .as("what stands is said again, so that compaction keeps it")
                .isEqualTo(Kind.UPHELD));
        assertThat(events(adapter).getLast().version()).isEqualTo("next@10");
        assertThat(Http.get("/v1/adapters/" + adapter).json().path("version").asText())
                .isEqualTo("next@10");
    }

    @Test
    void refusesACanaryThatCannotBe() {
        var adapter = InferenceResource.TRIED + "refused";
        known(adapter, "next@10", List.of());
        var wanted = "{\"version\": \"next@10\"}";
        assertThat(Http.post(canary(adapter), wanted)
                        .json()
                        .at("/error/message")
                        .asText())
                .contains("has no stable version");
        served(adapter, "stable@10");
        known(adapter, "other@10", List.of());

        assertThat(Http.post(canary(adapter), "{\"version\": \"stable@10\"}").status())
                .isEqualTo(409);
        assertThat(Http.post(canary(adapter), "{\"version\": \"no@1\"}").status())
                .isEqualTo(404);
        assertThat(Http.post(canary("nobody"), wanted).status()).isEqualTo(404);
        assertThat(patch(adapter, "{\"share\": 0.5}").status()).isEqualTo(404);
        for (var wrong : List.of(
                "{}",
                "{\"version\": \"next@10\", \"share\": 0}",
                "{\"version\": \"next@10\", \"share\": 1.1}",
                "{\"version\": \"next@10\", \"bounds\": {\"min_request\": 5}}")) {
            assertThat(Http.post(canary(adapter), wrong).status()).as(wrong).isEqualTo(400);
        }
        start(adapter, "next@10", 1000);
        var second = Http.post(canary(adapter), "{\"version\": \"other@10\"}");
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.json().at("/error/message").asText()).contains("has a canary, next@10");
        assertThat(Http.delete("/v1/adapters/" + adapter).status()).isEqualTo(204);
        assertThat(Http.get("/v1/adapters/" + adapter).json().has("canary")).isFalse();
    }

    private static String canary(String adapter) {
        return "/v1/adapters/" + adapter + "/canary";
    }

    private static void start(String adapter, String version, int minRequests) {
        start(adapter, version, minRequests, 600);
    }

    private static void start(String adapter, String version, int minRequests, int promoteAfter) {
        var begun = Http.post(
                canary(adapter),
                "{\"version\": \"%s\", \"share\": 1, \"bounds\": {\"min_requests\": %d, \"promote_after_seconds\": %d}}"
                        .formatted(version, minRequests, promoteAfter));
        assertThat(begun.status()).as(begun.text()).isEqualTo(202);
    }

    private static Http.Answer patch(String adapter, String json) {
        return Http.send(Http.request(canary(adapter))
                .header("content-type", "application/json")
                .method("PATCH", BodyPublishers.ofString(json)));
    }

    private static List<String> answeredBy(String adapter) {
        return IntStream.range(0, USERS).mapToObj(i -> askAs(adapter, "u" + i)).toList();
    }

    private static String askAs(String adapter, String user) {
        return ask("{\"adapter\": \"" + adapter + "\", \"question\": \"q\", \"user\": \"" + user + "\"}")
                .path("version")
                .asText();
    }

    private static JsonNode ask(String json) {
        return Http.post("/ask", json).json();
    }

    private static AcceptanceAnswer acceptance(String question, String mustContain) {
        return new AcceptanceAnswer(question, mustContain, List.of(mustContain), List.of(), true);
    }

    private static void known(String adapter, String version, List<AcceptanceAnswer> acceptance) {
        var checkpoint = Kafka.checkpoint(adapter, version, acceptance);
        Kafka.publish(
                Topics.EVENTS,
                adapter,
                new TrainingEvent.Succeeded(
                        checkpoint.jobId().orElseThrow(), adapter, Instant.now(), checkpoint, false, null));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(Http.get("/v1/adapters/" + adapter).text()).contains(version));
    }

    private static void served(String adapter, String version) {
        Kafka.publish(Topics.CHECKPOINTS, adapter, Kafka.checkpoint(adapter, version));
        awaitVersion(adapter, version);
    }

    private static void awaitVersion(String adapter, String version) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Http.get("/v1/adapters/" + adapter)
                        .json()
                        .path("version")
                        .asText())
                .isEqualTo(version));
    }

    private static List<CheckpointEvent> events(String adapter) {
        return Kafka.read(Topics.CHECKPOINTS, adapter).stream()
                .map(record -> Json.read(record.value(), CheckpointEvent.class))
                .toList();
    }
}
