package io.lorikeet.inference.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.CheckpointProducer;
import io.lorikeet.inference.testing.Checkpoints;
import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.TestModel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What went wrong in other servers with many adapters, each once, over a real broker, a real model and HTTP. The device
 * holds 8 adapters and one that is swapped in, and decodes 4 sequences together ({@link Broker}).
 */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class PeerFailuresTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int TOKENS = 16;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    private CheckpointProducer topic;
    private final Set<String> published = new TreeSet<>();

    @BeforeEach
    void connect() {
        topic = new CheckpointProducer(bootstrapServers);
    }

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
        awaitServing(event);
    }

    private static void awaitServing(CheckpointEvent event) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Service.serving(event.adapter()))
                .as("%s", Service.adapters(event.adapter()))
                .hasValue(event.version()));
    }

    private static void awaitRejected(CheckpointEvent event, String reason) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Service.rejected(event.adapter()))
                .as("%s", Service.adapters(event.adapter()))
                .hasValueSatisfying(
                        rejected -> assertThat(rejected.get("reason").asText()).isEqualTo(reason)));
    }

    private static String answer(String model) {
        return answered(Service.ask(model, TOKENS)).content();
    }

    private static Service.Reply answered(Service.Reply reply) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply;
    }

    /** vLLM #47724, ms-swift PR #10134: after a load at run time one tenant got another tenant's adapter. */
    @Test
    void noTenantIsAnsweredByAnothersAdapterAfterALoadAtRunTime() {
        var said = new HashMap<String, String>();
        for (int i = 0; i < 6; i++) {
            serve(Checkpoints.write("tenant" + i, "job@1", 100 + i));
            said.put("tenant" + i, answer("tenant" + i));
        }
        assertThat(Set.copyOf(said.values())).hasSize(6);

        for (int round = 0; round < 8; round++) {
            // a newcomer is loaded while all are being answered
            publish(Checkpoints.write("newcomer" + round, "job@1", 200 + round));
            var replies = new HashMap<String, CompletableFuture<Service.Reply>>();
            said.keySet().forEach(tenant -> replies.put(tenant, Service.askAsync(tenant, TOKENS)));
            replies.forEach((tenant, reply) -> {
                assertThat(answered(reply.join()).adapter()).hasValue(tenant);
                assertThat(reply.join().content()).isEqualTo(said.get(tenant));
            });
        }
    }

    /** vLLM #42125: after a reload under the same name, the prefix cache of the old weights was used on. */
    @Test
    void aReloadUnderTheSameNameDoesNotFindTheOldVersionsPrefixes() {
        var system = "You are a parrot that answers in one short sentence.";
        var first = Checkpoints.write("reloaded", "job@1", 1);
        var second = Checkpoints.write("reloaded", "job@2", 2);
        serve(Checkpoints.write("witness", "job@1", 2));
        var expected = withSystem("witness", system);
        serve(first);
        var before = withSystem("reloaded", system);
        var hits = Service.metric("lorikeet_prefix_cache_hits_total");
        assertThat(withSystem("reloaded", system)).isEqualTo(before);
        assertThat(Service.metric("lorikeet_prefix_cache_hits_total"))
                .as("the prefix cache is at work")
                .isGreaterThan(hits);

        serve(second);

        assertThat(withSystem("reloaded", system)).isEqualTo(expected).isNotEqualTo(before);
    }

    private static String withSystem(String model, String system) {
        var body = new HashMap<>(Service.question(model, TOKENS));
        body.put(
                "messages",
                List.of(
                        Map.of("role", "system", "content", system),
                        Map.of("role", "user", "content", Service.QUESTION)));
        return answered(Service.chat(body)).content();
    }

    /** vLLM PR 41482: after an in-place load, the adapter's files were read again for every generation. */
    @Test
    void theFilesAreReadOnceAndNeverForAnAnswer() throws IOException {
        var event = Checkpoints.write("once", "job@1", 1);
        serve(event);
        var said = answer("once");
        var folder = Checkpoints.folder("once", "job@1");
        Files.delete(folder.resolve(PeftAdapter.TENSORS_FILE));
        Files.delete(folder.resolve(PeftAdapter.CONFIG_FILE));

        for (int i = 0; i < 3; i++) {
            assertThat(answer("once")).isEqualTo(said);
        }
        // nor when it has been to host memory meanwhile
        var evictions = Service.metric("lorikeet_adapter_evictions_total");
        for (int i = 0; i < 10; i++) {
            serve(Checkpoints.write("crowd" + i, "job@1", 10 + i));
        }
        assertThat(Service.metric("lorikeet_adapter_evictions_total")).isGreaterThan(evictions);
        assertThat(Service.adapters("once").getFirst().get("resident").asBoolean())
                .isFalse();
        assertThat(answer("once")).isEqualTo(said);
    }

    /** vLLM #54839: unloading reported success and left the slot taken. */
    @Test
    void anUnloadGivesTheSlotBack() {
        for (int i = 0; i < 20; i++) {
            var name = "passing" + i;
            serve(Checkpoints.write(name, "job@1", i));
            answer(name);
            topic.publish(name, null);
            await().atMost(PATIENCE).until(() -> Service.adapters(name).isEmpty());
            assertThat(Service.ask(name, 1).status()).isEqualTo(404);
        }
        assertThat(Service.metric("lorikeet_adapters_resident")).isZero();
        assertThat(Service.metric("lorikeet_adapters_bytes")).isZero();
    }

    /** vLLM #34186: an adapter that matched no module of the model was served as the bare base model. */
    @Test
    void anAdapterThatMatchesNoModuleIsRefusedAndNotServedAsTheBase() throws IOException {
        var folder = Checkpoints.folder("nomatch", "job@1");
        Checkpoints.save(folder, 1);
        var config = folder.resolve(PeftAdapter.CONFIG_FILE);
        Files.writeString(
                config,
                Files.readString(config)
                        .replaceAll(
                                "(?s)\"target_modules\": (\\[.*?]|\"[^\"]*\")", "\"target_modules\": [\"c_attn\"]"));
        var event = Checkpoints.event("nomatch", "job@1", folder);

        publish(event);

        awaitRejected(event, "no_matching_module");
        assertThat(Service.ask("nomatch", 1).status()).isEqualTo(404);
    }

    /** SGLang #36894: unloading an adapter while requests with n > 1 ran stopped the scheduler for good. */
    @Test
    void anUnloadAmongRequestsForSeveralAnswersLetsThemFinish() {
        serve(Checkpoints.write("several", "job@1", 1));
        var whole = answered(Service.ask("several", 120)).content();
        var body = new HashMap<>(Service.question("several", 120));
        body.put("n", 3);
        var running = List.of(Service.chatAsync(body), Service.chatAsync(body), Service.chatAsync(body));
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Service.metric("lorikeet_num_requests_running") > 0);

        topic.publish("several", null);

        for (var reply : running) {
            var choices = answered(reply.join()).json().get("choices");
            assertThat(choices).hasSize(3).allSatisfy(choice -> assertThat(
                            choice.at("/message/content").asText())
                    .isEqualTo(whole));
        }
        await().atMost(PATIENCE).until(() -> Service.adapters("several").isEmpty());
        answer(TestModel.ID);
    }

    /** SGLang #23141: as many adapters as fit and one request for the base killed the server. */
    @Test
    void allAdaptersThatFitAndMoreAndABaseRequestAreAnsweredTogether() {
        var said = new HashMap<String, String>();
        said.put(TestModel.ID, answer(TestModel.ID));
        for (int i = 0; i < 10; i++) {
            serve(Checkpoints.write("full" + i, "job@1", 300 + i));
            said.put("full" + i, answer("full" + i));
        }
        for (int round = 0; round < 3; round++) {
            var replies = new HashMap<String, CompletableFuture<Service.Reply>>();
            said.keySet().forEach(model -> replies.put(model, Service.askAsync(model, TOKENS)));
            replies.forEach((model, reply) ->
                    assertThat(answered(reply.join()).content()).isEqualTo(said.get(model)));
        }
        assertThat(Service.metric("lorikeet_adapters_served")).isEqualTo(10);
        assertThat(Service.metric("lorikeet_adapters_resident")).isLessThanOrEqualTo(9);
    }

    /** LoRAX: one slow download held up the loads of all other adapters. */
    @Test
    void anAdapterWhoseFilesAreSlowHoldsUpNoOther() throws IOException {
        var slow = Checkpoints.write("slow", "job@1", 1);
        var folder = Checkpoints.folder("slow", "job@1");
        var away = folder.resolveSibling("away");
        Files.move(folder, away);
        publish(slow);
        await().atMost(PATIENCE).until(() -> !Service.adapters("slow").isEmpty());

        for (int i = 0; i < 4; i++) {
            serve(Checkpoints.write("quick" + i, "job@1", i));
        }
        assertThat(Service.adapters("slow").getFirst().get("state").asText()).isEqualTo("loading");

        Files.move(away, folder);
        awaitServing(slow);
    }

    /** LoRAX #798, an advisory of SGLang's: the adapter's path led out of its folder. */
    @Test
    void aPathThatLeadsOutOfTheAdaptersRootIsRefused() throws IOException {
        var outside = Files.createTempDirectory("outside");
        Checkpoints.save(outside, 1);
        var root = Checkpoints.ROOT.toAbsolutePath();
        Files.createDirectories(root.resolve("escape"));
        var link = root.resolve("escape").resolve("link");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, outside);
        var files = Checkpoints.event("escape", "job@1", outside).files();

        int version = 1;
        for (var uri : List.of(
                outside.toUri(),
                URI.create(root.toUri() + "escape/../../../../../../../.." + outside),
                URI.create(root.toUri() + "escape/%2e%2e/%2e%2e/%2e%2e" + outside),
                link.toUri(),
                URI.create("file://localhost" + outside),
                URI.create("adapters/escape"))) {
            var event = Checkpoints.event("escape", "job@" + version++, uri, files, TestModel.fingerprint());
            publish(event);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(Service.rejected("escape"))
                    .as("%s: %s", uri, Service.adapters("escape"))
                    .hasValueSatisfying(rejected -> {
                        assertThat(rejected.get("version").asText()).isEqualTo(event.version());
                        assertThat(rejected.get("reason").asText()).isIn("uri_refused", "file_missing");
                    }));
            assertThat(Service.ask("escape", 1).status()).isEqualTo(404);
        }
    }

    /** LoRAX #798: the server fetched whatever address the adapter's path named. */
    @Test
    void anAddressOnTheNetworkIsRefusedAndNobodyCallsIt() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(1_000);
            var uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/adapter");
            var event = Checkpoints.event(
                    "fetched",
                    "job@1",
                    uri,
                    List.of(
                            new CheckpointFile(PeftAdapter.CONFIG_FILE, "0".repeat(64), 1),
                            new CheckpointFile(PeftAdapter.TENSORS_FILE, "0".repeat(64), 1)),
                    TestModel.fingerprint());
            publish(event);

            awaitRejected(event, "uri_refused");

            assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    /** TensorRT-LLM PR 13391: a pickle in the adapter's files ran its code. */
    @Test
    void aPickleIsNeitherReadNorRun() throws IOException {
        var proof = Path.of("target", "pickle-ran").toAbsolutePath();
        Files.deleteIfExists(proof);
        // os.system("touch …"), as pickle would run it
        var pickle = ("cos\nsystem\n(S'touch " + proof + "'\ntR.").getBytes(StandardCharsets.US_ASCII);
        var folder = Checkpoints.folder("pickled", "job@1");
        Checkpoints.save(folder, 1);
        Files.delete(folder.resolve(PeftAdapter.TENSORS_FILE));
        Files.write(folder.resolve("adapter_model.bin"), pickle);
        Files.write(folder.resolve(PeftAdapter.TENSORS_FILE), pickle);
        var disguised = Checkpoints.event("pickled", "job@1", folder);
        var files = List.of(
                disguised.files().getFirst(), new CheckpointFile("adapter_model.bin", "0".repeat(64), pickle.length));
        var named = Checkpoints.event("pickled", "job@2", disguised.uri(), files, TestModel.fingerprint());

        publish(disguised);
        awaitRejected(disguised, "malformed_tensors");
        publish(named);
        awaitRejected(named, "malformed_event");

        assertThat(proof).doesNotExist();
        assertThat(Service.ask("pickled", 1).status()).isEqualTo(404);
    }

    /** AReaL PR 1385: versions of an adapter piled up until the server hung. */
    @Test
    void versionsThatNobodyUsesAnyMoreAreForgotten() {
        int swaps = 40;
        CheckpointEvent last = null;
        var replies = new ArrayDeque<CompletableFuture<Service.Reply>>();
        for (int i = 1; i <= swaps; i++) {
            if (replies.size() > 6) {
                answered(replies.remove().join());
            }
            last = Checkpoints.write("piling", "job@" + i, 400 + i);
            publish(last);
            if (i > 1) {
                replies.add(Service.askAsync("piling", TOKENS));
            } else {
                awaitServing(last);
            }
            assertThat(Service.metric("lorikeet_adapters_resident"))
                    .as("on the device")
                    .isLessThanOrEqualTo(9);
        }
        replies.forEach(reply -> answered(reply.join()));
        awaitServing(last);
        await().atMost(PATIENCE).until(() -> Service.adapters("piling").size() == 1);
        assertThat(Service.metric("lorikeet_adapters_resident")).isEqualTo(1);
    }
}
