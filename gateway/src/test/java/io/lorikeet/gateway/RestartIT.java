package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was decided, after the topic was compacted and broker and gateway were started again. */
class RestartIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final List<String> ADAPTERS = List.of("back", "tried", "ended", "gone");

    @TempDir
    Path temp;

    @Test
    void rollbacksCanariesAndDeletionsOutliveACompactionAndARestartOfEverything() throws Exception {
        var broker = new BrokerResource();
        Files.createDirectory(temp.resolve("adapters"));
        try {
            broker.start();
            String before;
            try (var gateway = start(broker)) {
                for (var adapter : ADAPTERS) {
                    made(adapter, adapter + "-1@10");
                    made(adapter, adapter + "-2@10");
                }
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(get(gateway, "gone").path("versions"))
                                .hasSize(2));
                assertThat(send(gateway, "POST", "back/rollback", null)).isEqualTo(200);
                for (var adapter : List.of("tried", "ended")) {
                    var canary = "{\"version\": \"" + adapter + "-1@10\", \"share\": 0.25}";
                    assertThat(send(gateway, "POST", adapter + "/canary", canary))
                            .isEqualTo(202);
                }
                assertThat(send(gateway, "POST", "ended/canary/promote", null)).isEqualTo(204);
                assertThat(send(gateway, "DELETE", "gone", null)).isEqualTo(204);
                assertThat(send(gateway, "DELETE", "back/versions/back-2@10", null))
                        .isEqualTo(204);
                before = shown(gateway);
            }
            compact(broker);
            broker.halt();
            broker.run();

            try (var gateway = start(broker)) {
                assertThat(shown(gateway)).isEqualTo(before);
                assertThat(get(gateway, "back").path("version").asText()).isEqualTo("back-1@10");
                assertThat(get(gateway, "back").path("versions")).hasSize(1);
                assertThat(get(gateway, "back").at("/versions/0/version").asText())
                        .isEqualTo("back-1@10");
                assertThat(get(gateway, "tried").at("/canary/share").asDouble()).isEqualTo(0.25);
                assertThat(get(gateway, "ended").at("/decision/kind").asText()).isEqualTo("promoted");
                assertThat(get(gateway, "gone").has("version")).isFalse();
                // and decisions go on from there
                assertThat(send(gateway, "DELETE", "tried/canary", null)).isEqualTo(204);
                assertThat(send(gateway, "POST", "ended/rollback", "{\"version\": \"ended-2@10\"}"))
                        .isEqualTo(200);
            }
        } finally {
            broker.stop();
        }
    }

    private GatewayProcess start(BrokerResource broker) throws Exception {
        var gateway = GatewayProcess.start(
                temp,
                List.of("-Xmx256m"),
                Map.of(
                        "KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers(),
                        "LORIKEET_ADAPTERS_ROOT", temp.resolve("adapters").toString()));
        await().atMost(PATIENCE).until(() -> gateway.management("/q/health/ready") == 200);
        return gateway;
    }

    /** Trained and promoted. */
    private void made(String adapter, String version) {
        var checkpoint = Kafka.checkpoint(adapter, version, List.of(), Instant.now())
                .withUri(temp.resolve("adapters")
                        .resolve(adapter)
                        .resolve(version)
                        .toUri());
        var job = checkpoint.jobId().orElseThrow();
        Kafka.publish(
                Topics.EVENTS, job, new TrainingEvent.Succeeded(job, adapter, Instant.now(), checkpoint, true, null));
        Kafka.publish(Topics.CHECKPOINTS, adapter, checkpoint);
    }

    private static void compact(BrokerResource broker) {
        broker.compactAtOnce(Topics.CHECKPOINTS);
        await().atMost(PATIENCE).untilAsserted(() -> {
            // a segment that is written to is not compacted
            for (int i = 0; i < 4; i++) {
                Kafka.publish(Topics.CHECKPOINTS, "other-" + i, null);
            }
            for (var adapter : ADAPTERS) {
                assertThat(Kafka.read(Topics.CHECKPOINTS, adapter)).as(adapter).hasSizeLessThanOrEqualTo(1);
            }
        });
    }

    /** But for when a version was last said, of those that are served no more: compaction has taken that. */
    private static String shown(GatewayProcess gateway) {
        return ADAPTERS.stream()
                .map(adapter -> {
                    var shown = get(gateway, adapter);
                    shown.path("versions").forEach(version -> ((ObjectNode) version.path("checkpoint")).remove("time"));
                    return shown.toString();
                })
                .collect(Collectors.joining("\n"));
    }

    private static JsonNode get(GatewayProcess gateway, String adapter) {
        try {
            var answer = gateway.send("GET", "/v1/adapters/" + adapter, null);
            return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8), "adapter");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static int send(GatewayProcess gateway, String method, String path, String json) throws Exception {
        return gateway.send(method, "/v1/adapters/" + path, json).statusCode();
    }
}
