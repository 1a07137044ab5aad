package io.lorikeet.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The reader against a real broker. Each test has a topic of its own. */
class TopicFollowerTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int RANDOM_VALUES = 300;

    @TempDir
    static Path folder;

    private static Broker broker;

    private final BlockingQueue<String> taken = new LinkedBlockingQueue<>();
    private final List<TopicFollower> started = new ArrayList<>();
    private String topic;
    private UnreadableRecords unreadable;
    private TopicProgress progress;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new Broker(folder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void name(TestInfo test) {
        topic = test.getTestMethod().orElseThrow().getName();
        unreadable = new UnreadableRecords(topic);
        progress = new TopicProgress(topic);
    }

    @AfterEach
    void stop() {
        started.forEach(TopicFollower::close);
    }

    @Test
    void takesTheGoodCommandAfterWhateverWasWritten() throws Exception {
        takesTheGoodOneAfter(record -> TrainingCommand.parse(record.value()).jobId(), RandomValues.MESSAGES.get(1));
    }

    @Test
    void takesTheGoodEventAfterWhateverWasWritten() throws Exception {
        takesTheGoodOneAfter(
                record -> Json.read(record.value(), TrainingEvent.class).jobId(), RandomValues.MESSAGES.get(2));
    }

    @Test
    void takesTheGoodCheckpointAfterWhateverWasWritten() throws Exception {
        takesTheGoodOneAfter(
                record -> switch (CheckpointRecord.read(record)) {
                    case CheckpointRecord.Serve(var event) -> event.version();
                    case CheckpointRecord.Retire _ -> "retired";
                },
                RandomValues.MESSAGES.getLast());
    }

    private interface Reading {
        String what(ConsumerRecord<byte[], byte[]> record);
    }

    /** Random values with a good one after each: all of those come through. */
    private void takesTheGoodOneAfter(Reading reading, String good) throws Exception {
        broker.create(topic, 1);
        var values = new ArrayList<byte[]>();
        for (long seed = 0; seed < RANDOM_VALUES; seed++) {
            values.add(new RandomValues(seed).next());
            values.add(good.getBytes(UTF_8));
        }
        broker.send(topic, Map.of(), values);

        follow(record -> taken.add(reading.what(record)));

        assertThat(progress.awaitReplay(SOON)).isTrue();
        assertThat(taken).hasSizeGreaterThanOrEqualTo(RANDOM_VALUES);
        assertThat(unreadable.count(topic) + taken.size()).isEqualTo(values.size());
        assertThat(progress.dead()).isEmpty();
    }

    @Test
    void passesOverABatchThatCannotBeUnpacked() throws Exception {
        broker.create(topic, 1);
        broker.send(topic, Map.of(), List.of("first".getBytes(UTF_8)));
        broker.send(
                topic,
                Map.of("compression.type", "gzip"),
                List.of("zipped".repeat(100).getBytes(UTF_8)));
        broker.send(topic, Map.of(), List.of("last".getBytes(UTF_8)));
        broker.stop();
        damageSecondBatch(broker.segment(topic));
        broker.start();

        follow(record -> taken.add(new String(record.value(), UTF_8)));

        assertThat(progress.awaitReplay(SOON)).isTrue();
        assertThat(taken).containsExactly("first", "last");
        assertThat(unreadable.count(topic)).isEqualTo(1);
    }

    /** Leaves its length and its checksum right, so that only what is packed in it makes no sense. */
    private static void damageSecondBatch(Path segment) throws Exception {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
        int start = 12 + bytes.getInt(8);
        int end = start + 12 + bytes.getInt(start + 8);
        for (int i = start + 61; i < end; i++) {
            bytes.put(i, (byte) 0x55);
        }
        var checksum = new CRC32C();
        checksum.update(bytes.array(), start + 21, end - start - 21);
        bytes.putInt(start + 17, (int) checksum.getValue());
        Files.write(segment, bytes.array());
    }

    @Test
    void passesOverWhatIsPackedForALibraryThatThisMachineCannotLoad() throws Exception {
        broker.create(topic, 1);
        broker.send(topic, Map.of(), List.of("first".getBytes(UTF_8)));
        broker.send(
                topic,
                Map.of("compression.type", "zstd"),
                List.of("packed".repeat(100).getBytes(UTF_8)));
        broker.send(
                topic,
                Map.of("compression.type", "snappy"),
                List.of("packed".repeat(100).getBytes(UTF_8)));
        broker.send(topic, Map.of("compression.type", "gzip"), List.of("last".getBytes(UTF_8)));

        // both libraries unpack themselves there; below a file no folder can be made
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + broker.segment(topic).resolve("below"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FollowMain.class.getName(),
                        String.valueOf(broker.connection().get("bootstrap.servers")),
                        topic)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();

        assertThat(new String(process.getInputStream().readAllBytes(), UTF_8).lines())
                .containsExactly("first", "last", "replayed", "2 passed over");
    }

    @Test
    void isAtTheEndWhereNoRecordStands() throws Exception {
        broker.create(topic, 2);
        var settings = new HashMap<>(broker.connection());
        settings.put("transactional.id", topic);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            var _ = producer.send(new ProducerRecord<>(topic, 0, null, "in a transaction".getBytes(UTF_8)));
            producer.commitTransaction(); // its mark is the last thing in the partition
        }

        follow(record -> taken.add(new String(record.value(), UTF_8)));

        assertThat(progress.awaitReplay(SOON)).isTrue();
        assertThat(taken).containsExactly("in a transaction");
        assertThat(progress.describe()).isEqualTo("1 records read");
    }

    @Test
    void waitsForATopicThatComesLaterAndSaysSo() throws Exception {
        follow(record -> taken.add(new String(record.value(), UTF_8)));
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!progress.describe().startsWith("the topic does not exist") && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        assertThat(progress.describe()).startsWith("the topic does not exist");

        broker.create(topic, 1);
        broker.send(topic, Map.of(), List.of("here".getBytes(UTF_8)));

        progress.until(new TopicPartition(topic, 0), 0).get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(taken).containsExactly("here");
        assertThat(progress.awaitReplay(SOON)).isTrue();
    }

    @Test
    void goesOnWhereItWasAfterTheBrokerWasAway() throws Exception {
        broker.create(topic, 1);
        broker.send(topic, Map.of(), List.of("before".getBytes(UTF_8)));
        follow(record -> taken.add(new String(record.value(), UTF_8)));
        assertThat(progress.awaitReplay(SOON)).isTrue();

        broker.stop();
        broker.start();
        broker.send(topic, Map.of(), List.of("after".getBytes(UTF_8)));

        progress.until(new TopicPartition(topic, 0), 1).get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(taken).containsExactly("before", "after");
    }

    @Test
    void aHandlerThatFailsIsNotTheEnd() throws Exception {
        broker.create(topic, 1);
        broker.send(topic, Map.of(), List.of("bad".getBytes(UTF_8), "good".getBytes(UTF_8)));

        follow(record -> {
            var text = new String(record.value(), UTF_8);
            if (text.equals("bad")) {
                throw new NullPointerException("of the handler");
            }
            taken.add(text);
        });

        assertThat(progress.awaitReplay(SOON)).isTrue();
        assertThat(taken).containsExactly("good");
        assertThat(unreadable.count(topic)).isEqualTo(1);
    }

    @Test
    void preparesManyAtOnceAndTakesThemInOrder() throws Exception {
        broker.create(topic, 1);
        var values = IntStream.range(0, 5_000).mapToObj(Integer::toString).toList();
        broker.send(
                topic,
                Map.of("linger.ms", "20"),
                values.stream().map(each -> each.getBytes(UTF_8)).toList());
        Set<String> threads = ConcurrentHashMap.newKeySet();

        follow(new RecordHandler() {
            @Override
            public void record(ConsumerRecord<byte[], byte[]> record) {
                prepare(record).run();
            }

            @Override
            public Runnable prepare(ConsumerRecord<byte[], byte[]> record) {
                threads.add(Thread.currentThread().getName());
                var value = new String(record.value(), UTF_8);
                if (value.equals("77")) {
                    throw new ContractException("a number", new Problem("", "is 77", "another"));
                }
                if (value.equals("78")) {
                    throw new IllegalStateException("of the handler");
                }
                return () -> {
                    assertThat(Thread.currentThread().getName()).isEqualTo("follow-" + topic);
                    taken.add(value);
                };
            }
        });

        assertThat(progress.awaitReplay(SOON)).isTrue();
        assertThat(taken)
                .containsExactlyElementsOf(values.stream()
                        .filter(each -> !each.equals("77") && !each.equals("78"))
                        .toList());
        assertThat(unreadable.count(topic)).isEqualTo(2);
        assertThat(threads).hasSizeGreaterThan(1);
    }

    /** It is the handler's, of this record; the client has unpacked all of them. */
    @Test
    void passesOverARecordAtWhichItsHandlerFailsWithAnErrorOfLinkage() throws Exception {
        broker.create(topic, 1);
        broker.send(
                topic, Map.of(), List.of("first".getBytes(UTF_8), "broken".getBytes(UTF_8), "last".getBytes(UTF_8)));

        follow(record -> {
            var value = new String(record.value(), UTF_8);
            if (value.equals("broken")) {
                throw new NoClassDefFoundError("as if");
            }
            taken.add(value);
        });

        assertThat(progress.awaitReplay(SOON)).isTrue();
        assertThat(taken).containsExactly("first", "last");
        assertThat(unreadable.count(topic)).isEqualTo(1);
    }

    @Test
    void saysThatItIsDeadIfSomethingEndsItAllTheSame() throws Exception {
        broker.create(topic, 1);
        broker.send(topic, Map.of(), List.of("deadly".getBytes(UTF_8)));

        follow(record -> {
            throw new OutOfMemoryError("as if");
        });

        long deadline = System.nanoTime() + SOON.toNanos();
        while (progress.dead().isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        assertThat(progress.dead()).hasValueSatisfying(why -> assertThat(why).contains("as if"));
        assertThat(progress.describe()).contains("has died");
    }

    private void follow(RecordHandler handler) {
        var follower = new TopicFollower(progress, broker.connection(), handler, unreadable);
        started.add(follower);
        follower.start();
    }
}
