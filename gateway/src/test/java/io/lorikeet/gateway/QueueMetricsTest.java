package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.Topics;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class QueueMetricsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void countsWhatNoTrainerHasFinished() throws Exception {
        double before = awaitLag(0);
        for (String job : List.of("lag-1", "lag-2")) {
            Http.post(
                    "/v1/training/jobs",
                    "{\"job_id\": \"" + job + "\", \"adapter\": \"assistant\", \"dataset\": [\"d.json\"]}");
        }
        assertThat(awaitLag(before + 2)).as("no trainer was ever there").isEqualTo(before + 2);
        assertThat(metric("lorikeet_kafka_up")).isEqualTo(1);
        assertThat(metric("lorikeet_training_dead_letters")).isZero();

        take((int) before + 2);

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(metric("lorikeet_training_queue_lag"))
                .isZero());
    }

    /** The first reading that is at least this. */
    private static double awaitLag(double least) {
        await().atMost(PATIENCE).until(() -> metric("lorikeet_training_queue_lag") >= least);
        return metric("lorikeet_training_queue_lag");
    }

    private static double metric(String name) {
        return Http.management("/q/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    /** What a trainer does with so many commands, without the training. */
    private static void take(int commands) throws ExecutionException, InterruptedException {
        String servers = BrokerResource.running().bootstrapServers();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.GROUP, Topics.TRAINERS),
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", servers, "group.id", Topics.TRAINERS, "share.acknowledgement.mode", "explicit");
        try (var consumer =
                new KafkaShareConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topics.COMMANDS));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            int taken = 0;
            while (taken < commands && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    consumer.acknowledge(record, AcknowledgeType.ACCEPT);
                    taken++;
                }
                consumer.commitSync();
            }
            assertThat(taken).as("commands taken").isEqualTo(commands);
        }
    }
}
