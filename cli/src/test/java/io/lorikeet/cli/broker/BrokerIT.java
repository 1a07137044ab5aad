package io.lorikeet.cli.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.contracts.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerIT {

    @TempDir
    static Path folder;

    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = startBroker();
        KafkaLayout.apply(broker.bootstrapServers());
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static EmbeddedBroker startBroker() {
        return EmbeddedBroker.start(folder, PortPlan.free(1).getFirst());
    }

    @Test
    void keepsTheNewestCheckpointOfEachAdapterAndDeletesOldCommands() throws Exception {
        try (Admin admin = Admin.create(client())) {
            assertThat(setting(admin, topic(Topics.CHECKPOINTS), "cleanup.policy"))
                    .isEqualTo("compact");
            assertThat(setting(admin, topic(Topics.REPLICAS), "cleanup.policy")).isEqualTo("compact,delete");
            for (String name : List.of(Topics.COMMANDS, Topics.COMMANDS_DLQ, Topics.EVENTS)) {
                assertThat(setting(admin, topic(name), "cleanup.policy"))
                        .as(name)
                        .isEqualTo("delete");
            }
        }
    }

    @Test
    void letsTrainersReadCommandsThatWereThereBeforeThem() throws Exception {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, Topics.TRAINERS);
        try (Admin admin = Admin.create(client())) {
            assertThat(setting(admin, group, "share.auto.offset.reset")).isEqualTo("earliest");
        }
    }

    @Test
    void canBeLaidOutTwice() {
        KafkaLayout.apply(broker.bootstrapServers());
    }

    @Test
    void putsACommandThatTrainersRejectInTheDeadLetterTopic() throws Exception {
        publish(Topics.COMMANDS, "job-1", "{broken");
        try (var trainer = new KafkaShareConsumer<String, String>(
                client("group.id", Topics.TRAINERS, "share.acknowledgement.mode", "explicit"),
                new StringDeserializer(),
                new StringDeserializer())) {
            trainer.subscribe(List.of(Topics.COMMANDS));
            ConsumerRecord<String, String> command = firstOf(() -> trainer.poll(Duration.ofMillis(200)));
            trainer.acknowledge(command, AcknowledgeType.REJECT);
            trainer.commitSync();
        }

        ConsumerRecord<String, String> dead = first(Topics.COMMANDS_DLQ);
        assertThat(dead.key()).isEqualTo("job-1");
        assertThat(dead.value()).isEqualTo("{broken");
        assertThat(dead.headers().toArray())
                .anySatisfy(header -> assertThat(header.key()).startsWith("__dlq.errors."));
    }

    @Test
    void stillHasItsRecordsAfterARestart() throws Exception {
        publish(Topics.EVENTS, "job-1", "kept");
        broker.close();
        broker = startBroker();

        assertThat(first(Topics.EVENTS).value()).isEqualTo("kept");
    }

    private static void publish(String topic, String key, String value)
            throws ExecutionException, InterruptedException {
        try (var producer = new KafkaProducer<>(client(), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, key, value)).get();
        }
    }

    private static ConsumerRecord<String, String> first(String topic) {
        try (var consumer = new KafkaConsumer<>(
                client("auto.offset.reset", "earliest"), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            return firstOf(() -> consumer.poll(Duration.ofMillis(200)));
        }
    }

    private interface Poll {
        Iterable<ConsumerRecord<String, String>> records();
    }

    private static ConsumerRecord<String, String> firstOf(Poll poll) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < end) {
            var found =
                    StreamSupport.stream(poll.records().spliterator(), false).findFirst();
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new AssertionError("no record within 20 s");
    }

    private static Map<String, Object> client(String... more) {
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", broker.bootstrapServers()));
        for (int i = 0; i < more.length; i += 2) {
            config.put(more[i], more[i + 1]);
        }
        return config;
    }

    private static ConfigResource topic(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    private static String setting(Admin admin, ConfigResource of, String key) throws Exception {
        Config config = admin.describeConfigs(List.of(of)).all().get().get(of);
        return config.get(key).value();
    }
}
