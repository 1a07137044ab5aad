package io.lorikeet.inference.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.Canary;
import io.lorikeet.contracts.CanaryBounds;
import io.lorikeet.contracts.CanaryDecision;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.CheckpointProducer;
import io.lorikeet.inference.testing.Checkpoints;
import io.lorikeet.inference.testing.Service;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Versions that requests name, beside the one that is served: a real broker, a real model, HTTP. */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class AddressedVersionsTest {
    private static final String ADAPTER = "addressed";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int TOKENS = 16;
    private static final int ROOM = 8;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    private CheckpointProducer topic;

    @BeforeEach
    void connect() {
        topic = new CheckpointProducer(bootstrapServers);
    }

    @AfterEach
    void retire() {
        topic.publish(ADAPTER, null);
        await().atMost(PATIENCE).until(() -> Service.adapters(ADAPTER).isEmpty());
        topic.close();
    }

    private void serve(CheckpointEvent event) {
        topic.publish(event);
        await().atMost(PATIENCE)
                .until(() ->
                        Service.serving(ADAPTER).filter(event.version()::equals).isPresent());
    }

    private static Service.Reply ask(String version) {
        return Service.ask(ADAPTER + "@" + version, TOKENS);
    }

    @Test
    void answersWithTheVersionThatIsNamedAndServesItsNameAsBefore() {
        var first = Checkpoints.write(ADAPTER, "job@1", 1);
        serve(first);
        var said = Service.ask(ADAPTER, TOKENS).content();
        serve(Checkpoints.write(ADAPTER, "job@2", 2));
        assertThat(ask("job@2").version()).as("what is served needs no loading").hasValue("job@2");
        var missing = ask("job@1");
        assertThat(missing.status()).isEqualTo(424);
        assertThat(missing.json().at("/error/code").asText()).isEqualTo("version_not_loaded");

        assertThat(Service.give(first).status()).isEqualTo(204);

        var named = ask("job@1");
        assertThat(named.content()).isEqualTo(said);
        assertThat(named.adapter()).hasValue(ADAPTER);
        assertThat(named.version()).hasValue("job@1");
        assertThat(named.json().path("model").asText()).isEqualTo("addressed@job@1");
        var byName = Service.ask(ADAPTER, TOKENS);
        assertThat(byName.version()).hasValue("job@2");
        assertThat(byName.content()).isNotEqualTo(said);
        assertThat(Service.get("/v1/models").text()).doesNotContain("job@1");
        assertThat(Service.get("/replica").json().path("generated_tokens").asLong())
                .as("gateways ask for it")
                .isPositive();
    }

    @Test
    void thoseAskedForLongestAgoMakeRoom() {
        var all = IntStream.rangeClosed(1, ROOM + 1)
                .mapToObj(i -> Checkpoints.write(ADAPTER, "job@" + i, i))
                .toList();
        all.subList(0, ROOM)
                .forEach(event -> assertThat(Service.give(event).status()).isEqualTo(204));
        assertThat(ask("job@1").status()).isEqualTo(200);

        assertThat(Service.give(all.getLast()).status()).isEqualTo(204);

        assertThat(ask("job@1").status()).isEqualTo(200);
        assertThat(ask("job@2").status()).isEqualTo(424);
        assertThat(Service.adapters(ADAPTER)).hasSize(ROOM);
    }

    @Test
    void aCanaryIsThereBeforeAnybodyAsksForItAndStaysHoweverManyOthersCome() {
        var stable = Checkpoints.write(ADAPTER, "job@1", 1);
        serve(stable);
        var canary = new Canary(
                Checkpoints.write(ADAPTER, "job@2", 2), 0.1, Instant.now(), new CanaryBounds(50, 0.05, 1.5, 1, null));
        var begun = new CanaryDecision(CanaryDecision.Kind.STARTED, "job@2", "asked for", stable.time());
        var tried = stable.decided(stable.time().plusSeconds(1), canary, begun);
        topic.publish(tried);
        await().atMost(PATIENCE).until(() -> Service.adapters(ADAPTER).size() == 2);

        for (int i = 3; i < 4 + ROOM; i++) {
            assertThat(Service.give(Checkpoints.write(ADAPTER, "other@" + i, i)).status())
                    .isEqualTo(204);
        }
        assertThat(ask("job@2").version()).hasValue("job@2");
        assertThat(Service.ask(ADAPTER, TOKENS).version())
                .as("its name is served as before")
                .hasValue("job@1");

        // decided by somebody who did not know of the canary
        topic.publish(stable.decided(stable.time().plusSeconds(2), null, begun));
        var ended = new CanaryDecision(CanaryDecision.Kind.PROMOTED, "job@2", "asked for", tried.time());
        topic.publish(canary.checkpoint().decided(tried.time().plusSeconds(1), null, ended));
        await().atMost(PATIENCE)
                .until(() -> Service.serving(ADAPTER).filter("job@2"::equals).isPresent());
        assertThat(ask("job@2").status()).isEqualTo(200);
    }

    @Test
    void refusesWhatASwapWouldRefuse() throws IOException {
        var broken = Checkpoints.write(ADAPTER, "job@1", 1);
        Files.write(Path.of(broken.uri()).resolve(PeftAdapter.TENSORS_FILE), new byte[] {1, 2, 3});
        var gone = Checkpoints.event(
                ADAPTER,
                "job@3",
                Checkpoints.folder(ADAPTER, "nowhere").toAbsolutePath().toUri(),
                broken.files(),
                broken.baseModel().fingerprint());
        var good = Checkpoints.write(ADAPTER, "job@2", 2);
        Service.give(good);
        var other = Checkpoints.folder(ADAPTER, "other");
        Checkpoints.save(other, 3);

        assertRefused(broken, 422, "size_mismatch");
        assertRefused(gone, 404, "file_missing");
        assertRefused(Checkpoints.event(ADAPTER, "job@2", other), 422, "version_changed");
        assertThat(Service.adapters(ADAPTER)).hasSize(1);
    }

    private static void assertRefused(CheckpointEvent event, int status, String reason) {
        var refused = Service.give(event);
        assertThat(refused.status()).as(refused.text()).isEqualTo(status);
        assertThat(refused.json().at("/error/code").asText()).isEqualTo(reason);
    }

    @Test
    void isReadOnceHoweverManyAskForIt() {
        var tasks = new ArrayList<Runnable>();
        var versions = new AddressedVersions(null, null, _ -> new KnownVersions(), tasks::add);
        var event = Checkpoints.write(ADAPTER, "job@1", 1);

        var all = List.of(versions.take(event), versions.take(event), versions.take(event));

        assertThat(tasks).hasSize(1);
        assertThat(all).containsOnly(all.getFirst());
        assertThat(versions.take(Checkpoints.write(ADAPTER, "job@2", 2))).isNotDone();
        assertThat(tasks).as("another version does not wait").hasSize(2);
    }
}
