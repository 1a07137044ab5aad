package io.lorikeet.gateway.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingSummary;
import io.lorikeet.gateway.BrokerResource;
import io.lorikeet.gateway.Page;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.http.ApiException;
import io.lorikeet.messaging.TopicFollower;
import io.lorikeet.messaging.TopicProgress;
import io.lorikeet.messaging.UnreadableRecords;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The view of jobs over a real broker: what it forgets, where it finds that again, and what it begins with. */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JobsTest {
    private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");
    private static final long PLENTY = 100 << 20;
    private static final BrokerResource BROKER = new BrokerResource();
    private static final int JOBS = 300;

    @TempDir
    static Path folder;

    @BeforeAll
    static void writeJobs() {
        BROKER.start();
        var events = new ArrayList<TrainingEvent>();
        var random = new Random(7);
        var left = new ArrayList<List<TrainingEvent>>();
        for (int i = 0; i < JOBS; i++) {
            left.add(job("job-" + i, i % 10 == 0, random));
        }
        // some at a time, beside each other
        while (!left.isEmpty()) {
            var one = left.get(random.nextInt(Math.min(8, left.size())));
            events.add(one.removeFirst());
            left.removeIf(List::isEmpty);
        }
        publish(events);
    }

    @AfterAll
    static void stop() {
        BROKER.stop();
    }

    @Test
    void whatFellOutIsFoundOnTheTopicAsItWasAndTheOldestFinishedFellOutFirst() throws Exception {
        try (var all = new View(PLENTY, Optional.empty());
                var small = new View(200_000, Optional.empty())) {
            assertThat(all.jobs.fallenOut()).isZero();
            var kept = small.jobs.views();
            assertThat(kept).hasSizeBetween(30, 200);
            assertThat(kept.stream().filter(job -> !job.status().finished()))
                    .as("those under way stay longest")
                    .hasSize(JOBS / 10);
            assertThat(small.jobs.fallenOut()).isEqualTo(JOBS - kept.size());

            for (int i = 0; i < JOBS; i++) {
                assertThat(small.jobs.view("job-" + i)).isEqualTo(all.jobs.view("job-" + i));
                assertThat(small.jobs.known("job-" + i)).isEqualTo(all.jobs.known("job-" + i));
            }
            assertThat(small.jobs.views().size()).as("still bounded").isLessThan(200);
        }
    }

    /** The last one, since what it publishes stays. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aJobThatFellOutGoesOnWhereItWas() throws Exception {
        var more = new ArrayList<TrainingEvent>();
        for (int i = 1000; i < 1100; i++) {
            more.addAll(job("job-" + i, true, new Random()));
        }
        publish(more);
        try (var small = new View(100_000, Optional.empty())) {
            // partitions are read as they come: which ones those are is not known
            var id = IntStream.range(1000, 1100)
                    .mapToObj(i -> "job-" + i)
                    .filter(small.jobs::hasFallenOut)
                    .findFirst()
                    .orElseThrow();
            publish(List.of(new TrainingEvent.CheckpointSaved(id, "bird", BEGIN.plusSeconds(9), 77, "p")));
            small.awaitEnd();

            var view = small.jobs.view(id).orElseThrow();
            assertThat(view.checkpoint().step()).isEqualTo(77);
            assertThat(view.queued()).isNotNull();
            assertThat(view.progress()).isNotNull();
        }
    }

    @Test
    void whatIsNotEvenRememberedIsCounted() throws Exception {
        try (var tiny = new View(20_000, Optional.empty())) {
            assertThat(tiny.jobs.forgotten()).isGreaterThan(100);
            assertThat(tiny.jobs.view("job-1")).isEmpty();
        }
    }

    @Test
    void streamsAllEventsFromTheTopicAndBehindTheOneThatIsNamed() throws Exception {
        try (var small = new View(200_000, Optional.empty())) {
            var all = small.jobs.events("job-1", Optional.empty()).orElseThrow();
            var events = all.collect().asList().await().atMost(Duration.ofSeconds(20));
            assertThat(events.getFirst().event()).isInstanceOf(TrainingEvent.Queued.class);
            assertThat(events.getLast().event().last()).isTrue();
            assertThat(events).hasSize(job("job-1", false, new Random()).size());

            var third = Place.parse(events.get(2).place().id());
            var rest = small.jobs.events("job-1", third).orElseThrow();
            assertThat(rest.collect().asList().await().atMost(Duration.ofSeconds(20)))
                    .isEqualTo(events.subList(3, events.size()));
        }
    }

    /** Who asks for one after the other must not make the gateway read ahead of it. */
    @Test
    void aFollowerHearsTheNextEventWhenItComes() throws Exception {
        try (var small = new View(200_000, Optional.empty())) {
            var heard = new ArrayBlockingQueue<TrainingEvent>(1000);
            var following =
                    small.jobs.events("job-10").orElseThrow().subscribe().with(heard::add);
            TrainingEvent last = null;
            for (int i = 0; i < job("job-10", true, new Random()).size(); i++) {
                last = heard.poll(20, TimeUnit.SECONDS);
            }
            assertThat(last).isInstanceOf(TrainingEvent.Progress.class);
            assertThat(heard.poll(100, TimeUnit.MILLISECONDS)).isNull();

            var next = new TrainingEvent.CheckpointSaved("job-10", "bird", BEGIN.plusSeconds(9), 5, "p");
            publish(List.of(next));
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(next);
            following.cancel();
        }
    }

    @Test
    void aStartReadsOnWhereTheFileEnds() throws Exception {
        var state = Files.createDirectory(folder.resolve("state"));
        List<JobView> before;
        try (var first = new View(200_000, Optional.of(state))) {
            before = first.jobs.views();
            assertThat(first.read()).isGreaterThan(JOBS);
        }
        publish(List.of(new TrainingEvent.Queued("after-the-file", "bird", BEGIN.plusSeconds(99), null)));

        try (var second = new View(200_000, Optional.of(state));
                var all = new View(PLENTY, Optional.empty())) {
            assertThat(second.read()).isEqualTo(1);
            assertThat(before)
                    .allSatisfy(job -> assertThat(second.jobs.view(job.jobId())).contains(job));
            for (var id : List.of("after-the-file", "job-0", "job-1", "job-299")) {
                assertThat(second.jobs.view(id)).isEqualTo(all.jobs.view(id));
            }
            assertThat(second.jobs
                            .events("job-1")
                            .orElseThrow()
                            .collect()
                            .asList()
                            .await()
                            .atMost(Duration.ofSeconds(20)))
                    .hasSize(job("job-1", false, new Random()).size());
        }
    }

    @Test
    void aFileThatIsDamagedOrOfAnotherTopicIsNotBelieved() throws Exception {
        var state = Files.createDirectory(folder.resolve("damaged"));
        long read;
        try (var first = new View(200_000, Optional.of(state))) {
            read = first.read();
        }
        var file = state.resolve("events.jsonl");
        var good = Files.readString(file);

        for (var bad : List.of(
                good.substring(0, good.length() / 2),
                good.substring(0, good.lastIndexOf('\n', good.length() - 3) + 1),
                good.replaceFirst("\"topic\":\"[^\"]*\"", "\"topic\":\"other\""),
                good.replaceFirst("\"0\":\\d+", "\"0\":99999999"),
                "")) {
            Files.writeString(file, bad);
            try (var next = new View(200_000, Optional.of(state))) {
                assertThat(next.read()).isEqualTo(read);
                assertThat(next.jobs.view("job-3")).isPresent();
            }
        }
    }

    @Test
    void pagesGoThroughAllJobsNewestFirstWhateverComesMeanwhile() throws Exception {
        try (var all = new View(PLENTY, Optional.empty())) {
            var ids = new ArrayList<String>();
            String after = null;
            Page<JobView> page;
            do {
                page = all.jobs.page(new Page.Wanted(7, after));
                assertThat(page.items())
                        .isSortedAccordingTo((a, b) -> b.created().compareTo(a.created()));
                page.items().forEach(job -> ids.add(job.jobId()));
                after = ids.getLast();
            } while (page.hasMore());
            assertThat(ids).doesNotHaveDuplicates();
            assertThat(ids)
                    .containsAll(
                            IntStream.range(0, JOBS).mapToObj(i -> "job-" + i).toList());
            assertThatThrownBy(() -> all.jobs.page(new Page.Wanted(7, "no such job")))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("after: nothing");
        }
    }

    /** The budget is one of the heap: what the view counts must be no less than what it takes. */
    @Test
    void takesNoMoreOfTheHeapThanItSays() {
        var answers = IntStream.range(0, 20)
                .mapToObj(
                        i -> new AcceptanceAnswer("问题" + i, "我由 CSDN 开发。".repeat(10), List.of("CSDN"), List.of(), true))
                .toList();
        var random = new Random(3);
        long before = heap();
        var jobs = new Jobs(20 << 20, null);
        for (int i = 0; i < 8_000; i++) {
            long at = 0;
            for (var event : job("job-" + i, false, random)) {
                jobs.take(located(event, 40L * i + at++));
            }
            jobs.take(located(new TrainingEvent.Accepted("job-" + i, "bird", BEGIN, answers), 40L * i + at));
        }

        assertThat(jobs.fallenOut()).as("it is full").isGreaterThan(1000);
        assertThat(heap() - before).isLessThan(20 << 20);
        assertThat(jobs.views()).isNotEmpty();
    }

    private static Located located(TrainingEvent event, long offset) {
        var json = Json.write(event);
        return new Located(Json.read(json, TrainingEvent.class), new Place(0, offset), json.length);
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** A gateway's knowledge of the events: all that is between the topic and HTTP. */
    private static final class View implements AutoCloseable {
        final Jobs jobs;
        private final TopicProgress progress = new TopicProgress(Topics.EVENTS);
        private final EventReader reader = new EventReader(connection(), 2);
        private final TopicFollower follower;

        View(long budget, Optional<Path> state) throws InterruptedException {
            jobs = new Jobs(budget, reader);
            var adapters = new AdapterCatalog(PLENTY, null);
            var intake = new EventIntake(jobs, adapters, new StateFile(state, jobs, adapters), connection());
            follower = new TopicFollower(progress, connection(), intake, new UnreadableRecords(Topics.EVENTS));
            follower.start();
            assertThat(progress.awaitReplay(Duration.ofSeconds(30))).isTrue();
        }

        long read() {
            var said = progress.describe();
            return Long.parseLong(said.substring(0, said.indexOf(' ')));
        }

        /** Everything that stands on the topic now is known. */
        void awaitEnd() throws InterruptedException {
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (System.nanoTime() < deadline
                    && jobs.positions().values().stream().mapToLong(l -> l).sum() < written) {
                Thread.sleep(20);
            }
        }

        @Override
        public void close() {
            follower.close();
            reader.close();
        }
    }

    private static long written;

    private static Map<String, Object> connection() {
        return Map.of("bootstrap.servers", BROKER.bootstrapServers());
    }

    private static void publish(List<TrainingEvent> events) {
        try (var producer = new KafkaProducer<>(connection(), new StringSerializer(), new ByteArraySerializer())) {
            for (var event : events) {
                var _ = producer.send(new ProducerRecord<>(Topics.EVENTS, event.key(), Json.write(event)));
            }
        }
        written += events.size();
    }

    /** The same events for the same number, but for the random figures. */
    private static List<TrainingEvent> job(String id, boolean unfinished, Random random) {
        int number = Integer.parseInt(id.substring(4));
        var begin = BEGIN.plusSeconds(number * 60L);
        var base = new BaseModel("fledgling", "sha256:0");
        var events = new ArrayList<TrainingEvent>();
        events.add(new TrainingEvent.Queued(id, "bird", begin, "sha256:" + number));
        events.add(new TrainingEvent.Started(id, "bird", begin, base, 40, 1000, 50, 0, null, List.of(), List.of("w")));
        for (int step = 1; step <= 3 + number % 7; step++) {
            events.add(new TrainingEvent.Progress(
                    id,
                    "bird",
                    begin.plusSeconds(step),
                    step,
                    40,
                    1,
                    random.nextDouble(),
                    1,
                    1e-4,
                    0.5,
                    1,
                    7,
                    0.5,
                    0.2));
        }
        if (!unfinished) {
            var summary = new TrainingSummary(40, 10, 0.1, null, 50, 1000, 9.5, 0);
            events.add(new TrainingEvent.Succeeded(id, "bird", begin.plusSeconds(30), null, false, summary));
        }
        return events;
    }
}
