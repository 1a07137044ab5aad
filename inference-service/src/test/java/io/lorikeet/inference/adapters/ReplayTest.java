package io.lorikeet.inference.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.CheckpointProducer;
import io.lorikeet.inference.testing.Checkpoints;
import io.lorikeet.inference.testing.Service;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A replica that starts after others have long been at work; the topic was filled by {@link FilledBroker}. */
@QuarkusTest
@TestProfile(ReplayTest.LateReplica.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String UNREADABLE = "lorikeet_records_unreadable_total{topic=\"lorikeet.checkpoints\"}";

    /** Starts the service anew, on a topic that is not empty. */
    public static class LateReplica implements QuarkusTestProfile {
        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(FilledBroker.class));
        }

        @Override
        public boolean disableGlobalTestResources() {
            return true;
        }
    }

    /** A broker on whose topic there is a history before the service starts. */
    public static class FilledBroker extends Broker {
        @Override
        protected void fill(String bootstrapServers) {
            try (var topic = new CheckpointProducer(bootstrapServers)) {
                topic.publish(Checkpoints.write("settled", "job@1", 1));
                topic.publish(Checkpoints.write("bothered", "job@1", 6));
                topic.publish(Checkpoints.write("retired", "job@1", 2));
                topic.publish(Checkpoints.write("settled", "job@2", 3));
                topic.publish(Checkpoints.write("spoiled", "job@1", 4));
                topic.publish("nonsense", "{}");
                topic.publishBadRecords("bothered");
                topic.publish(Checkpoints.withoutChecksums(Checkpoints.write("spoiled", "job@2", 5)));
                topic.publish("retired", null);
            }
        }
    }

    @Test
    @Order(1)
    void isReadyOnceItServesWhatTheTopicSaidAtItsStart() {
        await().atMost(PATIENCE)
                .until(() -> Service.management("/q/health/ready").status() == 200);

        // no waiting from here on: ready means served
        assertThat(Service.serving("settled")).hasValue("job@2");
        assertThat(Service.ask("settled", 4).version()).hasValue("job@2");
        assertThat(Service.ask("retired", 4).status()).isEqualTo(404);
        assertThat(Service.serving("spoiled"))
                .as("the newest that can be served")
                .hasValue("job@1");
        assertThat(Service.rejected("nonsense")).isPresent();
        assertThat(Service.serving("bothered"))
                .as("what was served before records that nobody can read")
                .hasValue("job@1");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Service.rejected("spoiled"))
                .hasValueSatisfying(
                        rejected -> assertThat(rejected.get("version").asText()).isEqualTo("job@2")));
        assertThat(Service.metric("lorikeet_adapter_swap_duration_seconds_count"))
                .as("versions that were superseded before the start are not loaded")
                .isEqualTo(3);
    }

    @Test
    @Order(2)
    void servesTheCheckpointThatComesAfterRecordsThatNobodyCanRead() {
        await().atMost(PATIENCE)
                .until(() -> Service.management("/q/health/ready").status() == 200);
        double before = Service.metric(UNREADABLE);
        int bad;
        try (var topic =
                new CheckpointProducer(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class))) {
            bad = topic.publishBadRecords("later");
            topic.publish(Checkpoints.write("later", "job@1", 7));
        }

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Service.serving("later")).hasValue("job@1"));
        assertThat(Service.metric(UNREADABLE) - before).isEqualTo(bad);
        assertThat(Service.management("/q/health/ready").status()).isEqualTo(200);
        assertThat(Service.management("/q/health/live").status()).isEqualTo(200);
    }
}
