package io.lorikeet.trainer.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.badrecords.BadRecord;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.messaging.UnreadableRecords;
import io.lorikeet.trainer.Broker;
import io.lorikeet.trainer.Topic;
import io.lorikeet.trainer.run.RunControl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue against a real broker, whose locks last three seconds. Each test has topics and a group of its own. */
class CommandQueueIT {
    private static final Duration LOCK = Duration.ofSeconds(3);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final AtomicInteger TEST = new AtomicInteger();

    @TempDir
    static Path folder;

    private static Broker broker;

    private final String commands = "commands-" + TEST.incrementAndGet();
    private final String deadLetters = commands + "-dlq";
    private final UnreadableRecords unreadable = new UnreadableRecords(commands);
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void startBroker() throws Exception {
        broker = Broker.start(folder, LOCK);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    @Test
    void aJobLongerThanTheLockIsDeliveredOnceAndOthersBesideItAreNotUsedUp() throws Exception {
        var worker = worker((job, control) -> sleep(4 * LOCK.toMillis()));
        send("long");
        worker.expectStart("long");
        for (int i = 0; i < 3; i++) {
            send("next-" + i);
        }

        worker.quick = true;
        for (int i = 0; i < 3; i++) {
            worker.expectStart("next-" + i);
        }

        assertThat(worker.deliveries).containsExactly("long#1", "next-0#1", "next-1#1", "next-2#1");
    }

    @Test
    void twoTrainersShareTheWork() throws Exception {
        BiFunction<TrainCommand, RunControl, JobOutcome> work = (job, control) -> sleep(1_500);
        var one = worker(work);
        var two = worker(work);
        Thread.sleep(2_000);
        for (int i = 0; i < 4; i++) {
            send("job-" + i);
        }

        var all = new ArrayList<String>();
        long deadline = System.nanoTime() + SOON.toNanos();
        while (all.size() < 4 && System.nanoTime() < deadline) {
            all.clear();
            all.addAll(one.deliveries);
            all.addAll(two.deliveries);
            Thread.sleep(100);
        }

        assertThat(all).containsExactlyInAnyOrder("job-0#1", "job-1#1", "job-2#1", "job-3#1");
        assertThat(one.deliveries).isNotEmpty();
        assertThat(two.deliveries).isNotEmpty();
    }

    @Test
    void malformedCommandsGoToTheDeadLettersWithTheirReasonAndTheNextOneTrains() throws Exception {
        var worker = worker((job, control) -> done());
        Topic.send(
                broker,
                commands,
                "a",
                "{\"type\":\"train\",\"job_id\":\"a\",\"adapter\":\"x\",\"dataset\":[\"d\"],\"lora_rnk\":8}");
        Topic.send(broker, commands, "b", "no json");
        send("good");

        worker.expectStart("good");
        try (var letters = new Topic(broker, deadLetters)) {
            var both = letters.await(SOON, 2, _ -> true);
            assertThat(Topic.header(both.get(0), "lorikeet-error-reason"))
                    .contains("lora_rnk")
                    .contains("lora_rank");
            assertThat(Topic.header(both.get(1), "lorikeet-error-reason")).contains("is not JSON");
            assertThat(both.get(1).value()).isEqualTo("no json");
            assertThat(Topic.header(both.get(0), "lorikeet-error-record")).isEqualTo(commands + "-0@0");
        }
        assertThat(worker.malformed).hasSize(2);
    }

    @Test
    void whateverIsWrittenIsADeadLetterAndTheNextCommandTrains() throws Exception {
        var worker = worker((job, control) -> done());
        var values = BadRecord.values();
        try (var producer = new KafkaProducer<>(client(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (byte[] value : values) {
                var bad = new ProducerRecord<>(commands, value.length % 2 == 0 ? null : new byte[] {0}, value);
                // headers that make no sense, those of this service among them
                bad.headers().add("ce_type", null).add("lorikeet-first-offset", null);
                bad.headers().add("lorikeet-first-partition", new byte[] {(byte) 0xff});
                producer.send(bad).get();
            }
            producer.send(new ProducerRecord<>(commands, null, null)).get();
        }
        send("good");

        worker.expectStart("good");
        try (var letters = new Topic(broker, deadLetters)) {
            letters.await(SOON, values.size() + 1, letter -> Topic.header(letter, "lorikeet-error-reason") != null);
        }
        assertThat(unreadable.count(commands)).isEqualTo(values.size() + 1);
        assertThat(worker.queue.deaf()).isEmpty();
    }

    @Test
    void aCommandTooLargeForItsDeadLetterLeavesOneWithoutIt() throws Exception {
        var worker = worker((job, control) -> done());
        // as large as the broker takes it, so there is no room for a reason
        Topic.send(broker, commands, "a", "x".repeat(1_048_576 - 100));
        send("good");

        worker.expectStart("good");
        try (var letters = new Topic(broker, deadLetters)) {
            var letter = letters.await(SOON, 1, _ -> true).getFirst();
            assertThat(letter.value()).isNull();
            assertThat(Topic.header(letter, "lorikeet-error-reason")).contains("is not JSON");
            assertThat(Topic.header(letter, "lorikeet-error-value")).isEqualTo("1048476 bytes, left out");
        }
    }

    @Test
    void aCommandThatFailsEveryTimeEndsInTheDeadLettersWithAllReasons() throws Exception {
        var count = new AtomicInteger();
        var worker = worker((job, control) -> {
            int tries = count.incrementAndGet();
            return new JobOutcome.Failed("reason " + tries, "X", "training", true, tries < 4);
        });
        send("poison");

        try (var letters = new Topic(broker, deadLetters)) {
            var letter = letters.await(SOON, 1, _ -> true).getFirst();
            assertThat(Topic.header(letter, "lorikeet-error-reason")).isEqualTo("reason 4");
            assertThat(Topic.header(letter, "lorikeet-error-deliveries")).isEqualTo("4");
            assertThat(Topic.header(letter, "lorikeet-error-attempt-1")).isEqualTo("reason 1");
            assertThat(Topic.header(letter, "lorikeet-error-attempt-4")).isEqualTo("reason 4");
        }
        assertThat(worker.deliveries).containsExactly("poison#1", "poison#2", "poison#3", "poison#4");
    }

    @Test
    void aFailureThatNoRetryCanHelpIsNotRetried() throws Exception {
        var worker = worker((job, control) -> new JobOutcome.Failed("wrong data", "X", "dataset", false, false));
        send("wrong");

        try (var letters = new Topic(broker, deadLetters)) {
            letters.await(SOON, 1, _ -> true);
        }
        assertThat(worker.deliveries).containsExactly("wrong#1");
    }

    @Test
    void aCommandGivenBackMoreOftenThanTheBrokerDeliversARecordIsPublishedAnewAndTrained() throws Exception {
        var shutdowns = new AtomicInteger();
        var worker = worker((job, control) -> shutdowns.incrementAndGet() <= 9 ? new JobOutcome.Interrupted() : done());
        send("long");
        for (int i = 0; i < 10; i++) {
            worker.expectStart("long");
        }
        send("next");
        worker.expectStart("next");

        // each fifth delivery went into the new record
        assertThat(worker.deliveries)
                .containsExactly(
                        "long#1", "long#2", "long#3", "long#4", "long#6", "long#7", "long#8", "long#9", "long#11",
                        "long#12", "next#1");
        assertThat(worker.records).containsExactly(commands + "-0@0", commands + "-0@3");
        try (var letters = new Topic(broker, deadLetters)) {
            assertThat(letters.all()).isEmpty();
        }
    }

    @Test
    void aCommandPublishedAnewIsStillStoppedByACancelThatCameBefore() throws Exception {
        var runs = new AtomicInteger();
        var worker = worker((job, control) -> {
            int run = runs.incrementAndGet();
            if (run == 4) {
                // between the first record and the second
                cancel("late");
            }
            return run <= 4 ? new JobOutcome.Interrupted() : untilStopped(control);
        });
        send("late");
        for (int i = 0; i < 4; i++) {
            worker.ended.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        }

        assertThat(worker.ended.poll(10, TimeUnit.SECONDS)).isEqualTo("late CANCEL");
        assertThat(worker.deliveries).endsWith("late#6");
    }

    @Test
    void aBusyTrainerHearsOfACancelAtOnce() throws Exception {
        var worker = worker((job, control) -> untilStopped(control));
        send("doomed");
        worker.expectStart("doomed");
        long cancelled = System.nanoTime();
        cancel("doomed");

        assertThat(worker.ended.poll(10, TimeUnit.SECONDS)).isEqualTo("doomed CANCEL");
        assertThat(Duration.ofNanos(System.nanoTime() - cancelled)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void aJobCancelledWhileItWaitedIsSeenAsCancelledByATrainerThatStartsLater() throws Exception {
        setUp();
        send("early");
        cancel("early");
        var worker = worker((job, control) -> untilStopped(control));

        assertThat(worker.ended.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("early CANCEL");
    }

    @Test
    void aCancelOfAnEarlierCommandDoesNotStopALaterOneWithTheSameId() throws Exception {
        setUp();
        cancel("again");
        send("again");
        var worker = worker((job, control) -> {
            sleep(1_000);
            return control.requested().isPresent() ? new JobOutcome.Interrupted() : done();
        });

        assertThat(worker.ended.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("again -");
    }

    @Test
    void aTrainerThatShutsDownHandsItsJobToAnotherAtOnce() throws Exception {
        var first = worker((job, control) -> untilStopped(control));
        send("handed");
        first.expectStart("handed");
        var second = worker((job, control) -> done());
        Thread.sleep(1_000);

        long closed = System.nanoTime();
        first.queue.close();
        second.expectStart("handed");

        assertThat(first.ended.poll()).isEqualTo("handed SHUTDOWN");
        assertThat(Duration.ofNanos(System.nanoTime() - closed)).isLessThan(Duration.ofSeconds(10));
        assertThat(second.deliveries).containsExactly("handed#2");
    }

    // what the tests are made of

    private Worker worker(BiFunction<TrainCommand, RunControl, JobOutcome> work) throws Exception {
        setUp();
        var worker = new Worker(work);
        var producer = new KafkaProducer<>(client(), new ByteArraySerializer(), new ByteArraySerializer());
        worker.queue = new CommandQueue(settings(), worker, producer, unreadable);
        opened.add(producer);
        opened.add(worker.queue);
        worker.queue.start();
        return worker;
    }

    private void setUp() throws Exception {
        QueueSetup.apply(settings());
    }

    private QueueSettings settings() {
        return new QueueSettings(
                client(), commands + "-group", commands, deadLetters, 5, Duration.ofMillis(50), Duration.ofSeconds(10));
    }

    private static Map<String, Object> client() {
        return Map.of("bootstrap.servers", broker.bootstrapServers());
    }

    private void send(String jobId) throws Exception {
        Topic.send(
                broker,
                commands,
                jobId,
                "{\"type\":\"train\",\"job_id\":\"%s\",\"adapter\":\"x\",\"dataset\":[\"d.json\"]}".formatted(jobId));
    }

    private void cancel(String jobId) {
        try {
            Topic.send(broker, commands, jobId, "{\"type\":\"cancel\",\"job_id\":\"%s\"}".formatted(jobId));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static JobOutcome done() {
        return new JobOutcome.Done(JobOutcome.How.SUCCEEDED, "done");
    }

    private static JobOutcome sleep(long millis) {
        try {
            Thread.sleep(millis);
            return done();
        } catch (InterruptedException e) {
            return new JobOutcome.Interrupted();
        }
    }

    private static JobOutcome untilStopped(RunControl control) {
        while (control.requested().isEmpty()) {
            sleep(20);
        }
        return control.requested().equals(Optional.of(RunControl.Stop.CANCEL)) ? done() : new JobOutcome.Interrupted();
    }

    /** A trainer without a model: notes what it is given. */
    private static final class Worker implements JobHandler {
        final List<String> deliveries = new CopyOnWriteArrayList<>();
        final Set<String> records = new ConcurrentSkipListSet<>();
        final List<String> malformed = new CopyOnWriteArrayList<>();
        final BlockingQueue<String> started = new LinkedBlockingQueue<>();
        final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        private final List<String> reasons = new CopyOnWriteArrayList<>();
        private final BiFunction<TrainCommand, RunControl, JobOutcome> work;
        private CommandQueue queue;
        private volatile boolean quick;

        Worker(BiFunction<TrainCommand, RunControl, JobOutcome> work) {
            this.work = work;
        }

        void expectStart(String jobId) throws InterruptedException {
            assertThat(started.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(jobId);
        }

        @Override
        public JobOutcome run(TrainCommand command, Delivery delivery, RunControl control) {
            deliveries.add(command.jobId() + "#" + delivery.count());
            records.add(delivery.record());
            started.add(command.jobId());
            JobOutcome outcome = quick ? done() : work.apply(command, control);
            if (outcome instanceof JobOutcome.Failed failed) {
                reasons.add(failed.reason());
            }
            ended.add(command.jobId() + " "
                    + control.requested().map(RunControl.Stop::name).orElse("-"));
            return outcome;
        }

        @Override
        public List<String> giveUp(TrainCommand command, Delivery delivery, JobOutcome.Failed last) {
            return List.copyOf(reasons);
        }

        @Override
        public void malformed(byte[] value, JobOutcome.Failed failure) {
            malformed.add(failure.reason());
        }
    }
}
