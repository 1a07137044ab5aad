package io.lorikeet.cli.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.Lorikeet;
import io.lorikeet.cli.stack.PortPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** From one real broker to another. */
class TopicDumpIT {
    private static final long LONG_AGO = 1_500_000_000_000L;

    @TempDir
    static Path brokers;

    @TempDir
    Path folder;

    private static EmbeddedBroker lost;
    private static EmbeddedBroker fresh;

    private String topic;

    @BeforeAll
    static void start() {
        List<Integer> ports = PortPlan.free(2);
        lost = EmbeddedBroker.start(brokers.resolve("lost"), ports.getFirst());
        fresh = EmbeddedBroker.start(brokers.resolve("fresh"), ports.getLast());
    }

    @AfterAll
    static void stop() {
        lost.close();
        fresh.close();
    }

    @BeforeEach
    void nameTopic(TestInfo test) {
        topic = test.getTestMethod().orElseThrow().getName();
    }

    @Test
    void tombstonesHeadersAndTimestampsAreThereAgainByteForByte() throws Exception {
        create(lost, 2, Map.of());
        byte[] noText = {(byte) 0xff, 0, (byte) 0x80};
        publish(
                lost,
                record(0, LONG_AGO, "first", "is to be deleted"),
                record(0, LONG_AGO + 1, "a", "{\"text\": \"你是谁?\\n\u0000\uD83D\uDC26\"}"),
                // what the restored topic must not have as the text null
                record(0, LONG_AGO + 2, "retired", null),
                record(0, LONG_AGO + 1, "earlier than the one before", "", header("twice", "1"), header("twice", "2")),
                new ProducerRecord<>(
                        topic, 1, LONG_AGO + 9, noText, noText, List.of(new RecordHeader("none", (byte[]) null))),
                new ProducerRecord<>(
                        topic, 1, null, null, "null".getBytes(UTF_8), List.of(new RecordHeader("b", noText))));
        // the topic begins elsewhere than at 0
        try (Admin admin = Admin.create(client(lost))) {
            admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();
        }
        Path dump = folder.resolve("lost.jsonl");

        assertThat(run(lost, "dump", "--topic", topic, "--out", dump.toString()))
                .isZero();
        create(fresh, 2, Map.of());
        assertThat(run(fresh, "restore", "--in", dump.toString())).isZero();
        Path again = folder.resolve("fresh.jsonl");
        run(fresh, "dump", "--topic", topic, "--out", again.toString());

        assertThat(again).hasSameBinaryContentAs(dump);
        assertThat(Files.readAllLines(dump))
                .hasSize(1 + 5 + 1)
                .noneMatch(line -> line.contains("is to be deleted"))
                .anyMatch(line -> line.startsWith(
                        "{\"partition\":0,\"timestamp\":1500000000002,\"key\":\"retired\",\"value\":null,"))
                .anyMatch(line -> line.contains("\"value\":\"null\""))
                .anyMatch(line -> line.contains("\"key\":{\"base64\":\"/wCA\"}"));
    }

    /** As compaction leaves them, too: a transaction's end takes an offset and is no record. */
    @Test
    void gapsBetweenTheRecordsAndAfterTheLastAreNoObstacle() throws Exception {
        create(lost, 1, Map.of("cleanup.policy", "compact"));
        Map<String, Object> transactional = new HashMap<>(client(lost));
        transactional.put("transactional.id", topic);
        try (var producer = new KafkaProducer<>(transactional, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (int i = 0; i < 2; i++) {
                producer.beginTransaction();
                producer.send(record(0, LONG_AGO + i, "name", "version " + i)).get();
                producer.commitTransaction();
            }
        }
        assertThat(end(lost)).isEqualTo(4);
        Path dump = folder.resolve("gaps.jsonl");
        assertThat(TopicDump.dump(client(lost), topic, dump)).isEqualTo(2);

        create(fresh, 1, Map.of("cleanup.policy", "compact"));
        TopicDump.restore(client(fresh), dump);
        Path again = folder.resolve("again.jsonl");
        TopicDump.dump(client(fresh), topic, again);

        assertThat(again).hasSameBinaryContentAs(dump);
        assertThat(end(fresh)).isEqualTo(2);
    }

    @Test
    void aDumpThatIsNotWholeIsRefusedBeforeAnythingIsWritten() throws Exception {
        create(lost, 1, Map.of());
        create(fresh, 1, Map.of());
        publish(lost, record(0, LONG_AGO, "a", "1"), record(0, LONG_AGO, "b", "2"));
        Path dump = folder.resolve("whole.jsonl");
        TopicDump.dump(client(lost), topic, dump);
        List<String> lines = Files.readAllLines(dump);

        refused(lines.subList(0, 3), ":4: the dump is not whole");
        refused(
                List.of(lines.get(0), lines.get(1), lines.get(3)),
                ":3: the dump is not whole: it says 2 records and has 1");
        refused(lines.subList(1, 4), ":1: no dump of a topic");
        refused(
                List.of(lines.get(0), lines.get(1).replace("\"value\"", "\"valeu\""), lines.get(2), lines.get(3)),
                ":2: value: neither a text, nor");
        refused(List.of(), ":1: the dump is not whole");
        assertThat(end(fresh)).isZero();
    }

    @Test
    void nothingIsRestoredOverNewerRecordsOrIntoNoTopic() throws Exception {
        create(lost, 1, Map.of());
        publish(lost, record(0, LONG_AGO, "a", "old"));
        Path dump = folder.resolve("dump.jsonl");
        TopicDump.dump(client(lost), topic, dump);

        assertThatThrownBy(() -> TopicDump.restore(client(fresh), dump))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("There is no topic " + topic);
        create(fresh, 1, Map.of());
        publish(fresh, record(0, LONG_AGO + 1, "a", "new"));
        assertThatThrownBy(() -> TopicDump.restore(client(fresh), dump))
                .isInstanceOf(CliException.class)
                .hasMessageContaining(topic + " is not empty");
        assertThat(end(fresh)).isEqualTo(1);
    }

    private void refused(List<String> lines, String why) throws IOException {
        Path broken = folder.resolve("broken.jsonl");
        Files.write(broken, lines);
        assertThatThrownBy(() -> TopicDump.restore(client(fresh), broken))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("broken.jsonl" + why);
    }

    /** As the launcher runs it. */
    private static int run(EmbeddedBroker broker, String command, String... options) {
        var commandLine = Lorikeet.commandLine();
        var said = new StringWriter();
        commandLine.setErr(new PrintWriter(said));
        String[] arguments = new String[4 + options.length];
        arguments[0] = "topics";
        arguments[1] = command;
        arguments[2] = "--bootstrap-servers";
        arguments[3] = broker.bootstrapServers();
        System.arraycopy(options, 0, arguments, 4, options.length);
        int exit = commandLine.execute(arguments);
        assertThat(said.toString()).isEmpty();
        return exit;
    }

    private void create(EmbeddedBroker broker, int partitions, Map<String, String> config) throws Exception {
        try (Admin admin = Admin.create(client(broker))) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(config)))
                    .all()
                    .get();
        }
    }

    private long end(EmbeddedBroker broker) throws Exception {
        var partition = new TopicPartition(topic, 0);
        try (Admin admin = Admin.create(client(broker))) {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
        }
    }

    @SafeVarargs
    private static void publish(EmbeddedBroker broker, ProducerRecord<byte[], byte[]>... records) throws Exception {
        try (var producer = new KafkaProducer<>(client(broker), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (var record : records) {
                producer.send(record).get();
            }
        }
    }

    private ProducerRecord<byte[], byte[]> record(
            int partition, long timestamp, String key, String value, Header... headers) {
        return new ProducerRecord<>(
                topic,
                partition,
                timestamp,
                key.getBytes(UTF_8),
                value == null ? null : value.getBytes(UTF_8),
                List.of(headers));
    }

    private static Header header(String key, String value) {
        return new RecordHeader(key, value.getBytes(UTF_8));
    }

    private static Map<String, Object> client(EmbeddedBroker broker) {
        return Map.of("bootstrap.servers", broker.bootstrapServers());
    }
}
