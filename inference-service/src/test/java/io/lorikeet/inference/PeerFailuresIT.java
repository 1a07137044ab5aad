package io.lorikeet.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.CheckpointProducer;
import io.lorikeet.inference.testing.Checkpoints;
import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.ServiceProcess;
import io.lorikeet.inference.testing.TestModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What went wrong in other servers, and shows only when the process dies. */
class PeerFailuresIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path temp;

    private final Broker broker = new Broker();
    private String bootstrapServers;

    @BeforeEach
    void startBroker() {
        bootstrapServers = broker.start().get("kafka.bootstrap.servers");
    }

    @AfterEach
    void stopBroker() {
        broker.stop();
    }

    /** AIBrix #236: the adapters that had been loaded were gone after a restart. */
    @Test
    void adaptersAreServedAgainAfterTheProcessWasKilled() throws Exception {
        String first;
        String second;
        try (var topic = new CheckpointProducer(bootstrapServers);
                var service = start()) {
            topic.publish(Checkpoints.write("lasting", "job@1", 1));
            topic.publish(Checkpoints.write("lasting", "job@2", 2));
            topic.publish(Checkpoints.write("another", "job@1", 3));
            topic.publish(Checkpoints.write("retired", "job@1", 4));
            topic.publish("retired", null);
            await().atMost(PATIENCE).ignoreExceptions().until(() -> answer(service, "lasting")
                    .contains("job@2"));
            await().atMost(PATIENCE).until(() -> answer(service, "another").contains("job@1"));
            first = answer(service, "lasting");
            second = answer(service, "another");

            service.process().destroyForcibly();
            assertThat(service.ends(30)).isTrue();
        }
        try (var service = start()) {
            // ready means served: no waiting from here on
            assertThat(answer(service, "lasting")).isEqualTo(first);
            assertThat(answer(service, "another")).isEqualTo(second);
            assertThat(answer(service, "retired")).contains("model_not_found");
        }
    }

    /** A client that is told 404 gives up what is only late. */
    @Test
    void aReplicaThatHasNotReadTheTopicDoesNotSayThatAnAdapterIsMissing() throws Exception {
        try (var service = start("127.0.0.1:1")) {
            await().atMost(PATIENCE).until(() -> service.status("/q/health/live") == 200);

            var response = service.chat(Service.question("lasting", 16)).join();
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
            assertThat(response.body()).contains("does not know yet whether there is lasting");
        }
    }

    private ServiceProcess start() throws Exception {
        var service = start(bootstrapServers);
        await().atMost(PATIENCE).until(() -> service.status("/q/health/ready") == 200);
        return service;
    }

    private ServiceProcess start(String broker) throws Exception {
        return ServiceProcess.start(
                temp,
                Map.of(
                        "LORIKEET_MODEL",
                        TestModel.create().toAbsolutePath().toString(),
                        "KAFKA_BOOTSTRAP_SERVERS",
                        broker));
    }

    /** Who answered, and what; or the error. */
    private static String answer(ServiceProcess service, String model) throws Exception {
        var json = new ObjectMapper()
                .readTree(service.chat(Service.question(model, 16)).join().body());
        return json.has("error")
                ? json.get("error").toString()
                : json.get("lorikeet") + json.get("choices").toString();
    }
}
