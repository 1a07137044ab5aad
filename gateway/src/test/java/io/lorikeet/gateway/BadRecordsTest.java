package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.badrecords.BadRecord;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Whatever is written to a topic, the gateway counts it and knows what comes after. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class BadRecordsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Inject
    MeterRegistry metrics;

    @Test
    void knowsTheEventThatComesAfterThem() throws Exception {
        var good = new TrainingEvent.Queued("after-bad-events", "a", Instant.parse("2026-01-02T03:04:05Z"), null);
        double before = unreadable(Topics.EVENTS);

        int bad = publish(Topics.EVENTS, good.key(), Json.write(good));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        Http.get("/v1/training/jobs/after-bad-events").status())
                .isEqualTo(200));
        assertThat(Http.get("/v1/training/jobs").status()).isEqualTo(200);
        assertThat(Http.get("/v1/training/jobs/timeless").status()).isEqualTo(404);
        assertThat(unreadable(Topics.EVENTS) - before).isEqualTo(bad);
    }

    @Test
    void knowsTheCheckpointThatComesAfterThem() throws Exception {
        var good = Kafka.checkpoint("after-bad-checkpoints", "job@1");
        double before = unreadable(Topics.CHECKPOINTS);

        int bad = publish(Topics.CHECKPOINTS, good.key(), Json.write(good));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        Http.get("/v1/adapters/after-bad-checkpoints").status())
                .isEqualTo(200));
        assertThat(Http.get("/v1/adapters").status()).isEqualTo(200);
        assertThat(unreadable(Topics.CHECKPOINTS) - before).isEqualTo(bad);
    }

    private double unreadable(String topic) {
        return metrics.get("lorikeet.records.unreadable")
                .tag("topic", topic)
                .functionCounter()
                .count();
    }

    /** Puts every bad value under a name, or under what is none, and a good one at the end; all into one partition. */
    private static int publish(String topic, String key, byte[] good) throws Exception {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", BrokerResource.running().bootstrapServers());
        var values = BadRecord.values();
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (var value : values) {
                // a compacted topic takes no record without a key
                var name = value.length % 2 == 0 ? new byte[] {0, (byte) 0xff} : key.getBytes(UTF_8);
                var bad = new ProducerRecord<>(topic, 0, name, value);
                bad.headers().add("ce_type", null).add("", new byte[] {(byte) 0xff});
                producer.send(bad).get();
            }
            producer.send(new ProducerRecord<>(topic, 0, key.getBytes(UTF_8), good))
                    .get();
        }
        return values.size();
    }
}
