package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaReport;
import io.lorikeet.contracts.ReplicaReport.RefusedVersion;
import io.lorikeet.contracts.ReplicaReport.ServedAdapter;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class AdaptersTest {
    @Test
    void goesBackToTheVersionServedBeforeAndNotToOneThatWasRejected() {
        trained("back", "first@10", true);
        trained("back", "rejected@10", false);
        trained("back", "second@10", true);
        awaitVersion("back", "second@10");

        var answer = Http.post("/v1/adapters/back/rollback", null);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("version").asText()).isEqualTo("first@10");
        var republished =
                Json.read(Kafka.read(Topics.CHECKPOINTS, "back").getLast().value(), CheckpointEvent.class);
        var first = Kafka.checkpoint("back", "first@10");
        assertThat(republished).isEqualTo(first.at(republished.time()));
        assertThat(republished.time()).isAfter(first.time());
        assertThat(Http.post("/v1/adapters/back/rollback", null).status()).isEqualTo(409);
    }

    @Test
    void asksAVersionWhoseCheckpointTheReplicaIsGivenFirst() {
        trained("asked", "first@10", true);
        trained("asked", "rejected@10", false);
        trained("asked", InferenceResource.UNFIT, false);
        await().untilAsserted(
                        () -> assertThat(Http.get("/v1/adapters/asked").json().path("versions"))
                                .hasSize(3));
        var chat = "{\"model\": \"asked@rejected@10\", \"messages\": [{\"role\": \"user\", \"content\": \"q\"}]}";

        var completion = Http.post("/v1/chat/completions", chat);
        assertThat(completion.status()).as(completion.text()).isEqualTo(200);
        assertThat(completion.json().at("/lorikeet/version").asText()).isEqualTo("rejected@10");
        assertThat(InferenceResource.GIVEN)
                .containsEntry("asked@rejected@10", Kafka.checkpoint("asked", "rejected@10"));

        var answer = Http.post("/ask", "{\"question\": \"q\", \"adapter\": \"asked\", \"version\": \"first@10\"}");
        assertThat(answer.json().path("version").asText()).isEqualTo("first@10");
        var joined = Http.post("/ask", "{\"question\": \"q\", \"adapter\": \"asked@first@10\"}");
        assertThat(joined.json().path("adapter").asText()).isEqualTo("asked");

        var unknown = Http.post("/ask", "{\"question\": \"q\", \"adapter\": \"asked\", \"version\": \"no@1\"}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().path("detail").asText())
                .isEqualTo("asked has no version no@1; there are [unfit@1, rejected@10, first@10]");
        var nobody = Http.post("/ask", "{\"question\": \"q\", \"adapter\": \"nobody@1\"}");
        assertThat(nobody.status()).isEqualTo(404);
        var unfit = Http.post("/ask", "{\"question\": \"q\", \"adapter\": \"asked@unfit@1\"}");
        assertThat(unfit.status()).isEqualTo(422);
        assertThat(unfit.json().path("detail").asText()).isEqualTo("the tensors are not those of the event");
        for (var wrong : List.of("\"version\": \"1\"", "\"adapter\": \"asked@1\", \"version\": \"1\"")) {
            assertThat(Http.post("/ask", "{\"question\": \"q\", " + wrong + "}").status())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }

    @Test
    void showsWhatWasAskedForAndWhatEachReplicaServes() {
        trained("shown", "old@10", true);
        trained("shown", "new@10", true);
        awaitVersion("shown", "new@10");
        var refused = new RefusedVersion("new@10", "checksum_mismatch", "other bytes", Instant.now());
        report("left:8001", Instant.now(), new ServedAdapter("shown", "new@10", null, true, null));
        report("right:8001", Instant.now(), new ServedAdapter("shown", "new@10", null, true, null));
        report("sick:8001", Instant.now(), new ServedAdapter("shown", "old@10", null, true, refused));
        report("dead:8001", Instant.now().minusSeconds(1000), new ServedAdapter("shown", "old@10", null, true, null));
        report("bare:8001", Instant.now());
        Kafka.publish(Topics.REPLICAS, "left:8001", null);
        Kafka.publishBytes(
                Topics.REPLICAS,
                "other:8001",
                Json.write(new ReplicaReport("liar:8001", Instant.now(), null, List.of())));
        report("last:8001", Instant.now(), new ServedAdapter("shown", "new@10", null, true, null));

        await().untilAsserted(() -> assertThat(replicas("shown")).hasSize(4));

        var shown = Http.get("/v1/adapters/shown").json();
        assertThat(shown.path("version").asText()).isEqualTo("new@10");
        assertThat(replicas("shown"))
                .containsExactly("bare:8001 -", "last:8001 new@10", "right:8001 new@10", "sick:8001 old@10");
        assertThat(shown.at("/replicas/3/refused/reason").asText()).isEqualTo("checksum_mismatch");
        assertThat(shown.at("/replicas/3/refused/version").asText()).isEqualTo("new@10");
    }

    @Test
    void listsReplicasAndWhatTheyServe() {
        var refused = new RefusedVersion("new@10", "checksum_mismatch", "other bytes", Instant.now());
        report("listed:8001", Instant.now(), new ServedAdapter("listed", "old@10", null, false, refused));

        await().untilAsserted(() -> assertThat(Http.get("/v1/replicas").text()).contains("listed:8001"));
        var replica = Http.get("/v1/replicas")
                .json()
                .path("replicas")
                .valueStream()
                .filter(each -> each.path("replica").asText().equals("listed:8001"))
                .findFirst()
                .orElseThrow();
        assertThat(replica.at("/adapters/0").toString())
                .isEqualTo("{\"adapter\":\"listed\",\"version\":\"old@10\",\"state\":\"stable\"}");
        assertThat(replica.at("/refused/0/version").asText()).isEqualTo("new@10");

        var overview = Http.get("/v1/overview").json();
        assertThat(overview.at("/health/ready").asBoolean()).isTrue();
        assertThat(overview.path("replicas").toString()).contains("listed:8001");
        assertThat(overview.at("/queue/waiting").isNumber()).isTrue();
        assertThat(overview.at("/links/docs").asText()).isEqualTo("/docs");
        Kafka.publish(Topics.REPLICAS, "listed:8001", null);
        await().untilAsserted(() -> assertThat(Http.get("/v1/replicas").text()).doesNotContain("listed:8001"));
    }

    @Test
    void promotesWhatItsJobDidNotIfThatIsMeant() {
        trained("wanted", "first@10", true);
        trained("wanted", "second@10", false);
        awaitVersion("wanted", "first@10");
        await().untilAsserted(() ->
                assertThat(states("wanted")).containsExactly("second@10 not_promoted", "first@10 stable"));

        var refused = Http.post("/v1/adapters/wanted/promote", "{\"version\": \"second@10\"}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().at("/error/message").asText()).contains("\"force\": true");

        var promoted = Http.post("/v1/adapters/wanted/promote", "{\"version\": \"second@10\", \"force\": true}");
        assertThat(promoted.status()).isEqualTo(202);
        assertThat(promoted.json().path("version").asText()).isEqualTo("second@10");
        assertThat(states("wanted")).containsExactly("second@10 stable", "first@10 superseded");
        var back = Http.post("/v1/adapters/wanted/promote", "{\"version\": \"first@10\"}");
        assertThat(back.status()).as("it was served before").isEqualTo(202);
        assertThat(Http.post("/v1/adapters/wanted/promote", "{\"version\": \"no@1\"}")
                        .status())
                .isEqualTo(404);
        assertThat(Http.post("/v1/adapters/wanted/promote", "{}").status()).isEqualTo(400);
    }

    private static List<String> states(String adapter) {
        return Http.get("/v1/adapters/" + adapter)
                .json()
                .path("versions")
                .valueStream()
                .map(each ->
                        each.path("version").asText() + " " + each.path("state").asText())
                .toList();
    }

    @Test
    void judgesAnswersByTheRuleOfTrainingJobs() {
        trained("judged", "first@10", true);
        awaitVersion("judged", "first@10");
        // the answer repeats the question
        var questions = "[{\"question\": \"red\", \"must_contain\": [\"red\"]},"
                + " {\"question\": \"blue\", \"must_contain\": [\"green\"]},"
                + " {\"question\": \"grey\", \"must_not_contain\": [\"grey\"], \"system\": \"Be short.\"}]";

        var result = Http.post("/v1/adapters/judged/evaluate", "{\"questions\": " + questions + "}");

        assertThat(result.status()).as(result.text()).isEqualTo(200);
        assertThat(result.json().toString())
                .isEqualTo(
                        "{\"adapter\":\"judged\",\"version\":\"first@10\",\"accepted\":false,\"answers\":["
                                + "{\"question\":\"red\",\"answer\":\"red!\",\"accepted\":true},"
                                + "{\"question\":\"blue\",\"answer\":\"blue!\",\"accepted\":false,\"reason\":\"it lacks \\\"green\\\"\"},"
                                + "{\"question\":\"grey\",\"answer\":\"grey!\",\"accepted\":false,\"reason\":\"it holds \\\"grey\\\"\"}]}");
        var base = Http.post("/v1/adapters/fledgling/evaluate", "{\"questions\": [{\"question\": \"q\"}]}");
        assertThat(base.json().path("accepted").asBoolean()).isTrue();
        assertThat(Http.post("/v1/adapters/judged/evaluate", "{\"questions\": []}")
                        .status())
                .isEqualTo(400);
        assertThat(Http.post("/v1/adapters/nobody/evaluate", "{\"questions\": [{\"question\": \"q\"}]}")
                        .status())
                .isEqualTo(404);
    }

    private static void report(String replica, Instant time, ServedAdapter... adapters) {
        Kafka.publish(Topics.REPLICAS, replica, new ReplicaReport(replica, time, null, List.of(adapters)));
    }

    private static List<String> replicas(String adapter) {
        var all = new ArrayList<String>();
        Http.get("/v1/adapters/" + adapter)
                .json()
                .path("replicas")
                .forEach(each -> all.add(each.path("replica").asText() + " "
                        + each.path("version").asText("-")));
        return all;
    }

    @Test
    void comesInPagesByName() {
        for (var name : List.of("page-c", "page-a", "page-b")) {
            trained(name, "first@10", true);
            awaitVersion(name, "first@10");
        }
        var names = new ArrayList<String>();
        var page = Http.get("/v1/adapters?limit=2").json();
        while (true) {
            assertThat(page.path("adapters").size()).isLessThanOrEqualTo(2);
            page.path("adapters")
                    .forEach(adapter -> names.add(adapter.path("name").asText()));
            if (!page.path("has_more").asBoolean()) {
                break;
            }
            page = Http.get("/v1/adapters?limit=2&after=" + names.getLast()).json();
        }
        assertThat(names).isSorted().doesNotHaveDuplicates().contains("page-a", "page-b", "page-c");

        for (var wrong : List.of("limit=0", "limit=1001", "after=nobody")) {
            var refused = Http.get("/v1/adapters?" + wrong);
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.json().at("/error/param").asText()).isEqualTo(wrong.substring(0, wrong.indexOf('=')));
        }
    }

    @Test
    void goesToTheVersionThatIsNamed() {
        trained("named", "first@10", true);
        trained("named", "rejected@10", false);
        awaitVersion("named", "first@10");
        await().untilAsserted(
                        () -> assertThat(Http.get("/v1/adapters/named").json().path("versions"))
                                .hasSize(2));

        assertThat(Http.post("/v1/adapters/named/rollback", "{\"version\": \"rejected@10\"}")
                        .json()
                        .path("version")
                        .asText())
                .isEqualTo("rejected@10");

        var unknown = Http.post("/v1/adapters/named/rollback", "{\"version\": \"no@1\"}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().at("/error/message").asText()).contains("first@10", "rejected@10");
        var mistyped = Http.post("/v1/adapters/named/rollback", "{\"verson\": \"no@1\"}");
        assertThat(mistyped.status()).isEqualTo(400);
        assertThat(mistyped.json().at("/error/message").asText()).contains("did you mean version?");
    }

    @Test
    void goesBackToAVersionThatWasTrainedAgainWhereItLiesNow() {
        trained("regained", "first@10", true);
        trained("regained", "second@10", true);
        var first = Kafka.checkpoint("regained", "first@10");
        var again = first.withUri(URI.create("file:///adapters/regained/v1"))
                .at(first.time().plusSeconds(1));
        Kafka.publish(
                Topics.EVENTS,
                "adapters-test",
                new TrainingEvent.Succeeded("first", "regained", Instant.now(), again, true, again.training()));
        // a result that is told once more is no news of where it lies
        trained("regained", "first@10", false);
        trained("regained", "third@10", true);

        var back = Http.post("/v1/adapters/regained/rollback", "{\"version\": \"first@10\"}");

        assertThat(back.json().path("checkpoint").path("uri").asText())
                .isEqualTo(again.uri().toString());
    }

    @Test
    void deletingAnAdapterPublishesATombstone() {
        trained("gone", "first@10", true);
        awaitVersion("gone", "first@10");

        assertThat(Http.delete("/v1/adapters/gone").status()).isEqualTo(204);

        assertThat(Kafka.read(Topics.CHECKPOINTS, "gone").getLast().value()).isNull();
        assertThat(Http.get("/v1/adapters/gone").json().has("version")).isFalse();
        var again = Http.delete("/v1/adapters/gone");
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.type()).startsWith("application/json");
        assertThat(Http.get("/v1/adapters").json().path("adapters").findValuesAsText("name"))
                .contains("gone");
        assertThat(Http.get("/v1/adapters/nobody").status()).isEqualTo(404);
    }

    private static void trained(String adapter, String version, boolean promoted) {
        var checkpoint = Kafka.checkpoint(adapter, version);
        var jobId = version.substring(0, version.indexOf('@'));
        Kafka.publish(
                Topics.EVENTS,
                "adapters-test",
                new TrainingEvent.Succeeded(
                        jobId, adapter, Instant.now(), checkpoint, promoted, checkpoint.training()));
        if (promoted) {
            Kafka.publish(Topics.CHECKPOINTS, adapter, checkpoint);
            awaitVersion(adapter, version);
        }
    }

    private static void awaitVersion(String adapter, String version) {
        await().untilAsserted(() -> assertThat(Http.get("/v1/adapters/" + adapter)
                        .json()
                        .path("version")
                        .asText())
                .isEqualTo(version));
    }
}
