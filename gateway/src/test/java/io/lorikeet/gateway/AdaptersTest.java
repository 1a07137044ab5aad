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
    void showsWhatWasAskedForAndWhatEachReplicaServes() {
        trained("shown", "old@10", true);
        trained("shown", "new@10", true);
        awaitVersion("shown", "new@10");
        var refused = new RefusedVersion("new@10", "checksum_mismatch", "other bytes", Instant.now());
        report("left:8001", Instant.now(), new ServedAdapter("shown", "new@10", true, null));
        report("right:8001", Instant.now(), new ServedAdapter("shown", "new@10", true, null));
        report("sick:8001", Instant.now(), new ServedAdapter("shown", "old@10", true, refused));
        report("dead:8001", Instant.now().minusSeconds(1000), new ServedAdapter("shown", "old@10", true, null));
        report("bare:8001", Instant.now());
        Kafka.publish(Topics.REPLICAS, "left:8001", null);
        Kafka.publishBytes(
                Topics.REPLICAS, "other:8001", Json.write(new ReplicaReport("liar:8001", Instant.now(), List.of())));
        report("last:8001", Instant.now(), new ServedAdapter("shown", "new@10", true, null));

        await().untilAsserted(() -> assertThat(replicas("shown")).hasSize(4));

        var shown = Http.get("/v1/adapters/shown").json();
        assertThat(shown.path("version").asText()).isEqualTo("new@10");
        assertThat(replicas("shown"))
                .containsExactly("bare:8001 -", "last:8001 new@10", "right:8001 new@10", "sick:8001 old@10");
        assertThat(shown.at("/replicas/3/refused/reason").asText()).isEqualTo("checksum_mismatch");
        assertThat(shown.at("/replicas/3/refused/version").asText()).isEqualTo("new@10");
    }

    private static void report(String replica, Instant time, ServedAdapter... adapters) {
        Kafka.publish(Topics.REPLICAS, replica, new ReplicaReport(replica, time, List.of(adapters)));
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
