package io.lorikeet.inference.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.CheckpointProducer;
import io.lorikeet.inference.testing.Checkpoints;
import io.lorikeet.inference.testing.Reports;
import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.TestModel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The swap contract of DESIGN.md, over a real broker, a real model and HTTP. The number is the contract's. */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class SwapContractTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int TOKENS = 24;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    private CheckpointProducer topic;
    private final Set<String> published = new TreeSet<>();

    @BeforeEach
    void connect() {
        topic = new CheckpointProducer(bootstrapServers);
    }

    /** Leaves no adapter behind: the slots are few. */
    @AfterEach
    void retireAll() {
        published.forEach(adapter -> topic.publish(adapter, null));
        published.forEach(adapter ->
                await().atMost(PATIENCE).until(() -> Service.adapters(adapter).isEmpty()));
        topic.close();
    }

    private void publish(CheckpointEvent event) {
        published.add(event.adapter());
        topic.publish(event);
    }

    private void serve(CheckpointEvent event) {
        publish(event);
        awaitServing(event.adapter(), event.version());
    }

    private static void awaitServing(String adapter, String version) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Service.serving(adapter))
                .as("%s of %s", adapter, Service.adapters(adapter))
                .hasValue(version));
    }

    private static void awaitRejected(String adapter, String reason) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Service.rejected(adapter))
                .as("%s of %s", adapter, Service.adapters(adapter))
                .hasValueSatisfying(
                        rejected -> assertThat(rejected.get("reason").asText()).isEqualTo(reason)));
    }

    private static String answer(String adapter) {
        var reply = Service.ask(adapter, TOKENS);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.content();
    }

    @Test
    void tellsOthersWhatItServesAndWhatItHasRefused() throws IOException {
        serve(Checkpoints.write("told", "job@1", 1));
        var broken = Checkpoints.write("told", "job@2", 2);
        Files.write(Path.of(broken.uri()).resolve(PeftAdapter.TENSORS_FILE), new byte[] {1, 2, 3});
        publish(broken);
        awaitRejected("told", "size_mismatch");

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Reports.newest(bootstrapServers))
                .hasValueSatisfying(report -> assertThat(report.adapters())
                        .filteredOn(adapter -> adapter.adapter().equals("told"))
                        .singleElement()
                        .extracting("version", "refused.version", "refused.reason")
                        .containsExactly("job@1", "job@2", "size_mismatch")));
    }

    @Test
    void countsAnswersAndRefusalsByAdapter() {
        serve(Checkpoints.write("counted", "job@1", 1));
        answer("counted");
        serve(Checkpoints.write("counted", "job@2", 2));
        answer("counted");
        answer("counted");
        var question = new HashMap<>(Service.question("counted", TOKENS));
        question.put("messages", List.of(Map.of("role", "user", "content", "long ".repeat(1_000))));
        var tooLong = Service.chat(question);

        assertThat(finished("counted", "job@1")).isEqualTo(1);
        assertThat(finished("counted", "job@2")).isEqualTo(2);
        assertThat(tooLong.status()).as(tooLong.text()).isEqualTo(400);
        assertThat(Service.metric("lorikeet_requests_refused_total{adapter=\"counted\",reason=\"too_long\"}"))
                .isEqualTo(1);
    }

    /** Answers of a version that ended, for whatever reason. */
    private static double finished(String adapter, String version) {
        return Stream.of("stop", "length", "cancelled", "error")
                .mapToDouble(reason -> Service.metric(
                        "lorikeet_requests_finished_total{adapter=\"%s\",finished_reason=\"%s\",version=\"%s\"}"
                                .formatted(adapter, reason, version)))
                .sum();
    }

    // 1: a version is immutable, a name points at one at a time

    @Test
    void refusesAVersionThatComesAgainWithOtherContents() {
        serve(Checkpoints.write("again", "job@1", 1));
        var before = answer("again");
        var folder = Checkpoints.folder("again", "elsewhere");
        Checkpoints.save(folder, 2);

        publish(Checkpoints.event("again", "job@1", folder));

        awaitRejected("again", "version_changed");
        assertThat(answer("again")).isEqualTo(before);
    }

    @Test
    void takesTheSameEventTwiceWithoutLoadingItAgain() {
        var event = Checkpoints.write("twice", "job@1", 1);
        serve(event);
        var swaps = Service.metric("lorikeet_adapter_swap_duration_seconds_count");

        publish(event);
        serve(Checkpoints.write("twice", "job@2", 2));

        assertThat(Service.metric("lorikeet_adapter_swap_duration_seconds_count"))
                .isEqualTo(swaps + 1);
        assertThat(Service.rejected("twice")).isEmpty();
    }

    @Test
    void rollsBackToAnOlderVersion() {
        var first = Checkpoints.write("rollback", "job@1", 1);
        serve(first);
        var said = answer("rollback");
        serve(Checkpoints.write("rollback", "job@2", 2));
        assertThat(answer("rollback")).isNotEqualTo(said);

        serve(first.at(first.time().plusSeconds(60)));

        assertThat(answer("rollback")).isEqualTo(said);
    }

    @Test
    void retiresANameOnATombstone() {
        serve(Checkpoints.write("gone", "job@1", 1));

        topic.publish("gone", null);

        await().atMost(PATIENCE).until(() -> Service.ask("gone", 1).status() == 404);
    }

    // 2: verified before the flip; what fails leaves the old version serving, and is seen

    @Test
    void keepsServingTheOldVersionWhenTheNewOneFailsItsChecksum() throws IOException {
        var broken = Checkpoints.write("checksum", "job@2", 2);
        flipBit(Checkpoints.folder("checksum", "job@2").resolve(PeftAdapter.TENSORS_FILE));

        assertRejectedWhileServing(broken, "checksum_mismatch");
    }

    @Test
    void keepsServingTheOldVersionWhenTheNewOneBelongsToAnotherBase() {
        var event = Checkpoints.write("base", "job@2", 2);
        var broken = Checkpoints.event("base", "job@2", event.uri(), event.files(), "sha256:" + "0".repeat(64));

        assertRejectedWhileServing(broken, "wrong_base");
    }

    @Test
    void keepsServingTheOldVersionWhenTheNewOneHoldsAValueThatIsNotFinite() throws IOException {
        var folder = Checkpoints.folder("nan", "job@2");
        Checkpoints.save(folder, 2);
        var file = folder.resolve(PeftAdapter.TENSORS_FILE);
        var bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - Float.BYTES, Float.NaN);
        Files.write(file, bytes);

        assertRejectedWhileServing(Checkpoints.event("nan", "job@2", folder), "not_finite");
    }

    @Test
    void keepsServingTheOldVersionWhenTheNewOneMatchesNoModule() throws IOException {
        var folder = Checkpoints.folder("module", "job@2");
        Checkpoints.save(folder, 2);
        var file = folder.resolve(PeftAdapter.TENSORS_FILE);
        var bytes = Files.readAllBytes(file);
        // the header is ASCII and keeps its length: layers.0 becomes layers.9, which the model has not
        var text = new String(bytes, StandardCharsets.ISO_8859_1).replace("layers.0.", "layers.9.");
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));

        assertRejectedWhileServing(Checkpoints.event("module", "job@2", folder), "unknown_tensor");
    }

    @Test
    void keepsServingTheOldVersionWhenTheNewOneLiesOutsideTheRoot() throws IOException {
        var outside = Files.createTempDirectory("outside");
        Checkpoints.save(outside, 2);

        assertRejectedWhileServing(Checkpoints.event("outside", "job@2", outside), "uri_refused");
    }

    @Test
    void keepsServingTheOldVersionWhenTheEventIsMalformed() {
        serve(Checkpoints.write("malformed", "job@1", 1));
        var before = answer("malformed");

        topic.publish("malformed", "{\"type\": \"checkpoint\", ");

        awaitRejected("malformed", "malformed_event");
        assertThat(answer("malformed")).isEqualTo(before);
        serve(Checkpoints.write("malformed", "job@3", 3));
        assertThat(Service.rejected("malformed")).isEmpty();
    }

    private void assertRejectedWhileServing(CheckpointEvent broken, String reason) {
        var adapter = broken.adapter();
        serve(Checkpoints.write(adapter, "job@1", 1));
        var before = answer(adapter);
        var series = "lorikeet_adapter_rejections_total{reason=\"" + reason + "\"}";
        var rejections = Service.metric(series);

        publish(broken);

        awaitRejected(adapter, reason);
        assertThat(Service.rejected(adapter).orElseThrow().get("version").asText())
                .isEqualTo(broken.version());
        assertThat(Service.metric(series)).isEqualTo(rejections + 1);
        var readiness = Service.management("/q/health/ready");
        assertThat(readiness.status()).isEqualTo(200);
        assertThat(readiness.text()).contains("rejected " + adapter, reason);
        assertThat(Service.serving(adapter)).hasValue("job@1");
        assertThat(answer(adapter)).isEqualTo(before);
    }

    @Test
    void servesAVersionWhoseFilesComeAfterItsEvent() throws IOException {
        serve(Checkpoints.write("late", "job@1", 1));
        var event = Checkpoints.write("late", "job@2", 2);
        var folder = Checkpoints.folder("late", "job@2");
        var away = folder.resolveSibling("away");
        Files.move(folder, away);
        publish(event);
        await().atMost(PATIENCE).until(() -> Service.adapters("late").stream()
                .anyMatch(adapter -> adapter.path("detail").asText().contains("is not there")));
        assertThat(Service.serving("late")).hasValue("job@1");

        Files.move(away, folder);

        awaitServing("late", "job@2");
    }

    @Test
    void givesUpOnFilesThatNeverComeAndServesOtherAdaptersMeanwhile() {
        var never = Checkpoints.event(
                "never",
                "job@1",
                Checkpoints.folder("never", "job@1").toAbsolutePath().toUri(),
                Checkpoints.write("other", "job@1", 1).files(),
                TestModel.fingerprint());
        publish(never);
        await().atMost(PATIENCE).until(() -> !Service.adapters("never").isEmpty());

        serve(Checkpoints.write("other", "job@1", 1));
        assertThat(Service.adapters("never").getFirst().get("state").asText()).isEqualTo("loading");

        awaitRejected("never", "file_missing");
        assertThat(Service.ask("never", 1).status()).isEqualTo(404);
    }

    // 3: the flip is atomic, and a request keeps the version that it began with

    @Test
    void aRunningRequestKeepsItsVersionWhileNewOnesGetTheNext() {
        serve(Checkpoints.write("pinned", "job@1", 1));
        var whole = Service.ask("pinned", 180);
        var second = Checkpoints.write("pinned", "job@2", 2);
        // four at once make each slow enough to outlast the swap
        var running = new ArrayList<CompletableFuture<Service.Reply>>();
        for (int i = 0; i < 4; i++) {
            running.add(Service.askAsync("pinned", 180));
        }
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> running("pinned", "job@1") == 4);

        serve(second);

        assertThat(running("pinned", "job@1"))
                .as("requests that outlast the swap")
                .isPositive();
        for (var one : running) {
            var reply = one.join();
            assertThat(reply.version()).hasValue("job@1");
            assertThat(reply.content()).isEqualTo(whole.content());
        }
        var next = Service.ask("pinned", 180);
        assertThat(next.version()).hasValue("job@2");
        assertThat(next.content()).isNotEqualTo(whole.content());
        await().atMost(PATIENCE).until(() -> Service.adapters("pinned").size() == 1);
    }

    private static int running(String adapter, String version) {
        return Service.adapters(adapter).stream()
                .filter(status -> status.get("version").asText().equals(version))
                .mapToInt(status -> status.path("running").asInt())
                .sum();
    }

    @Test
    void everyAnswerUnderSwapsIsThatOfTheVersionItNames() {
        var versions = List.of(
                Checkpoints.write("busy", "job@1", 1),
                Checkpoints.write("busy", "job@2", 2),
                Checkpoints.write("busy", "job@3", 3));
        var said = new HashMap<String, String>();
        for (var version : versions) {
            serve(version);
            said.put(version.version(), answer("busy"));
        }
        assertThat(Set.copyOf(said.values())).hasSize(3);
        var evictions = Service.metric("lorikeet_adapter_evictions_total");

        var seen = new TreeSet<String>();
        for (int round = 0; round < 12; round++) {
            publish(versions.get(round % 3));
            var replies = new ArrayList<CompletableFuture<Service.Reply>>();
            for (int i = 0; i < 6; i++) {
                replies.add(Service.askAsync(i % 3 == 2 ? TestModel.ID : "busy", TOKENS));
            }
            for (int i = 0; i < replies.size(); i++) {
                var reply = replies.get(i).join();
                assertThat(reply.status()).as(reply.text()).isEqualTo(200);
                if (i % 3 == 2) {
                    assertThat(reply.version()).isEmpty();
                } else {
                    seen.add(reply.version().orElseThrow());
                    assertThat(reply.content())
                            .isEqualTo(said.get(reply.version().orElseThrow()));
                }
            }
        }
        assertThat(seen).as("versions that answered while they were swapped").hasSizeGreaterThan(1);
        assertThat(Service.metric("lorikeet_adapter_evictions_total"))
                .as("nobody had to wait for a load")
                .isEqualTo(evictions);
        assertThat(Service.metric("lorikeet_adapter_first_token_seconds_count")).isPositive();
    }

    // 4: every answer names adapter and version

    @Test
    void everyAnswerNamesItsAdapterAndVersion() {
        serve(Checkpoints.write("named", "job@1", 1));

        var reply = Service.ask("named", 4);

        assertThat(reply.adapter()).hasValue("named");
        assertThat(reply.version()).hasValue("job@1");
        assertThat(reply.json().get("system_fingerprint").asText()).isEqualTo("named@job@1");
        assertThat(reply.json().at("/lorikeet/adapter").asText()).isEqualTo("named");
        assertThat(reply.json().at("/lorikeet/version").asText()).isEqualTo("job@1");
        var base = Service.ask(TestModel.ID, 4);
        assertThat(base.adapter()).isEmpty();
        assertThat(base.version()).isEmpty();
        assertThat(base.json().at("/lorikeet/adapter").isNull()).isTrue();
    }

    // 6 (5 is ReplayTest's): nothing of one version's state reaches another's answers

    @Test
    void aVersionOfTheSameNameAndPromptReusesNothingOfTheOneBefore() {
        var first = Checkpoints.write("cache", "job@1", 1);
        var second = Checkpoints.write("cache", "job@2", 2);
        serve(second);
        var alone = answer("cache");
        serve(first);
        answer("cache");

        serve(second);

        assertThat(answer("cache")).isEqualTo(alone);
    }

    private static void flipBit(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }
}
