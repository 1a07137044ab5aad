package io.lorikeet.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a night brings: trainers that are killed, full disks, a broker that goes away. Real processes, a real broker whose
 * locks last three seconds and whose sessions last six, a real model of two layers.
 *
 * <p>{@code -Dlorikeet.soak.rounds} and {@code -Dlorikeet.soak.outage} (seconds) make it a long one, see soak.sh.
 */
class TrainerSurvivesIT {
    private static final Duration LOCK = Duration.ofSeconds(3);
    private static final int ROUNDS = Integer.getInteger("lorikeet.soak.rounds", 1);
    private static final int OUTAGE = Integer.getInteger("lorikeet.soak.outage", 7);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Checkpoints of four megabytes, which take longer to write than a step takes. */
    private static final String LARGE = "\"lora_rank\": 256, \"lora_dropout\": 0.1, \"promote\": \"never\"";

    @TempDir
    static Path shared;

    private static Broker broker;
    private static Path model;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Jobs jobs;

    @BeforeAll
    static void start() throws Exception {
        broker = Broker.start(shared.resolve("broker"), LOCK);
        model = TinyModel.write(shared.resolve("model"));
        Files.writeString(shared.resolve("d.json"), """
                [{"query": "who", "response": "a bird"}, {"query": "what", "response": "a song"},
                 {"query": "where", "response": "a tree"}, {"query": "when", "response": "at dawn"}]
                """);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void open() {
        jobs = new Jobs(broker);
        opened.add(jobs);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    @Test
    void killedAtAnyMomentAgainAndAgainItEndsInTheAdapterOfAnUninterruptedRun() throws Exception {
        String settings = "\"max_steps\": 120, \"save_steps\": 1, \"save_total_limit\": 2, " + LARGE;
        long seed = System.nanoTime();
        var random = new Random(seed);
        TrainerProcess undisturbed = trainer();
        jobs.train("whole", settings);
        var whole = (TrainingEvent.Succeeded) jobs.await("whole", "succeeded");
        undisturbed.close();

        for (int round = 0; round < ROUNDS; round++) {
            String job = "killed-" + round;
            jobs.train(job, settings);
            // a kill is one of the four failed tries that a command may have
            for (int kill = 1; kill <= 3; kill++) {
                TrainerProcess victim = trainer();
                jobs.await(job, "started", kill);
                Path folder = shared.resolve("work/adapters/bird-" + job + "/" + job);
                int before = latestStep(folder);
                long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
                while (latestStep(folder) <= before) {
                    assertThat(System.nanoTime()).as("a checkpoint is saved").isLessThan(deadline);
                    Thread.sleep(5);
                }
                Thread.sleep(random.nextInt(200));
                victim.killHard();
                assertEveryCheckpointIsWhole(shared.resolve("work/adapters/bird-" + job + "/" + job));
            }
            TrainerProcess last = trainer();
            var killed = (TrainingEvent.Succeeded) jobs.await(job, "succeeded");

            assertThat(Jobs.adapter(killed)).as("kills by seed %d", seed).hasSameBinaryContentAs(Jobs.adapter(whole));
            assertThat(jobs.of(job, TrainingEvent.Started.class).getLast().resumedFromStep())
                    .as("something was left to resume from, seed %d", seed)
                    .isPositive();
            assertThat(Files.readAllLines(job(job, "failures.txt")))
                    .as("what a dead letter would say")
                    .hasSize(3)
                    .allMatch(line -> line.endsWith("ended without a word: it was killed, or the machine went down"));
            last.close();
        }
    }

    @Test
    void aFullDiskLosesNothingAndWithRoomTheJobGoesOnFromItsLastCheckpoint() throws Exception {
        // adapter 1 MB, optimiser 3 MB: the adapter can be written, what follows it cannot
        TrainerProcess trainer = trainer(Map.of("LORIKEET_QUEUE_RETRY_DELAY", "5s"), "2000");
        String settings = "\"max_steps\": 30, \"save_steps\": 10, " + LARGE;
        jobs.train("full", settings);
        Path folder = shared.resolve("work/adapters/bird-full/full");
        String failure = awaitLine(job("full", "failures.txt"));

        assertThat(failure)
                .startsWith("try 1, checkpoint: ")
                .contains("checkpoint-10 cannot be written")
                .contains("File too large")
                .contains("no checkpoint was saved before")
                .contains("with room on the disk the job goes on");
        assertThat(names(folder)).noneMatch(name -> name.contains("checkpoint"));
        trainer.liftFileLimit();
        var done = (TrainingEvent.Succeeded) jobs.await("full", "succeeded");
        jobs.train("roomy", settings);
        var roomy = (TrainingEvent.Succeeded) jobs.await("roomy", "succeeded");

        assertThat(Jobs.adapter(done)).hasSameBinaryContentAs(Jobs.adapter(roomy));
    }

    @Test
    void aJobThatFailsEveryTimeEndsInTheDeadLettersWithTheReasonOfEachTry() throws Exception {
        // its last fetch still waits at the broker and may take the command with it: a delivery, and no try
        trainer().awaitReady().killHard();
        jobs.train("poison", "\"max_steps\": 5, " + LARGE);
        trainer(Map.of(), "2000");
        var failed = (TrainingEvent.Failed) jobs.await("poison", "failed");

        assertThat(failed.where()).isEqualTo("checkpoint");
        assertThat(failed.retryable()).isTrue();
        assertThat(failed.reason()).contains("checkpoint-5 cannot be written");
        try (var letters = new Topic(broker, Topics.COMMANDS_DLQ)) {
            var letter =
                    letters.await(Duration.ofMinutes(1), 1, Jobs.key("poison")).getFirst();
            for (int attempt = 1; attempt <= 4; attempt++) {
                assertThat(Topic.header(letter, "lorikeet-error-attempt-" + attempt))
                        .startsWith("try " + attempt + ", checkpoint: ")
                        .contains("File too large");
            }
            assertThat(Topic.header(letter, "lorikeet-error-attempt-5")).isNull();
        }
    }

    @Test
    void trainsOnWithoutABrokerAndItsEventsArriveInOrderAfterwards() throws Exception {
        TrainerProcess trainer = trainer().awaitReady();
        jobs.train("alone", "\"max_steps\": 250, \"save_steps\": 50, \"logging_steps\": 10, \"promote\": \"always\"");
        jobs.await("alone", "started");
        broker.kill();
        long away = System.nanoTime();
        Path job = job("alone", "job.json");
        while (!JSON.readTree(job.toFile()).has("event")) {
            assertThat(trainer.status("/q/health/live")).isEqualTo(200);
            Thread.sleep(50);
        }
        while (System.nanoTime() - away < Duration.ofSeconds(OUTAGE).toNanos()) {
            assertThat(trainer.status("/q/health/live")).isEqualTo(200);
            Thread.sleep(500);
        }
        assertThat(JSON.readTree(job.toFile()).path("published").asBoolean()).isFalse();
        broker.start();
        var done = (TrainingEvent.Succeeded) jobs.await("alone", "succeeded");
        jobs.train("after", "\"max_steps\": 1, \"promote\": \"never\"");
        jobs.await("after", "succeeded");

        assertThat(jobs.types("alone"))
                .startsWith("started")
                .endsWith("succeeded")
                .containsOnlyOnce("started");
        assertThat(jobs.types("alone")).containsOnlyOnce("succeeded");
        var steps = jobs.of("alone", TrainingEvent.Progress.class).stream()
                .map(TrainingEvent.Progress::globalStep)
                .toList();
        assertThat(steps).hasSize(26).isSorted().doesNotHaveDuplicates();
        try (var checkpoints = new Topic(broker, Topics.CHECKPOINTS)) {
            assertThat(checkpoints.all())
                    .filteredOn(Jobs.key("bird-alone"))
                    .as("served once, as %s", done.checkpoint().version())
                    .hasSize(1);
        }
        assertThat(trainer.body("/q/metrics"))
                .contains("lorikeet_training_jobs_total{state=\"succeeded\"} 2.0")
                .as("the lease was lost, and the command that came again found its result")
                .contains("lorikeet_training_jobs_total{state=\"duplicate\"} 1.0");
    }

    @Test
    void aJobLongerThanEveryTimeoutIsTrainedOnceWhileAnotherTrainerTakesTheNextAndACancelEndsIt() throws Exception {
        Map<String, String> impatient = Map.of(
                "KAFKA_REQUEST_TIMEOUT_MS", "3000",
                "KAFKA_DEFAULT_API_TIMEOUT_MS", "5000",
                "KAFKA_CONNECTIONS_MAX_IDLE_MS", "2000",
                "KAFKA_METADATA_MAX_AGE_MS", "1000",
                "LORIKEET_HEALTH_HANG_AFTER", "10s");
        TrainerProcess one = trainer(impatient, "unlimited").awaitReady();
        jobs.train(
                "endless",
                "\"max_steps\": 1000000, \"save_steps\": 200, \"save_total_limit\": 2, \"promote\": \"never\"");
        jobs.await("endless", "started");
        TrainerProcess two = trainer(impatient, "unlimited").awaitReady();
        jobs.train("next", "\"max_steps\": 2, \"promote\": \"never\"");
        jobs.await("next", "succeeded");
        long until = System.nanoTime() + 4 * LOCK.toNanos();
        while (System.nanoTime() < until) {
            for (TrainerProcess trainer : List.of(one, two)) {
                assertThat(trainer.status("/q/health/live")).isEqualTo(200);
                assertThat(trainer.status("/q/health/ready")).isEqualTo(200);
            }
            Thread.sleep(250);
        }
        jobs.cancel("endless");
        var cancelled = (TrainingEvent.Cancelled) jobs.await("endless", "cancelled");

        assertThat(jobs.of("endless", TrainingEvent.Started.class)).hasSize(1);
        assertThat(cancelled.step()).isGreaterThan(200);
        assertThat(Path.of(cancelled.checkpoint())).isDirectory();
        assertThat(two.body("/q/metrics")).contains("lorikeet_training_jobs_total{state=\"succeeded\"} 1.0");
        assertThat(one.body("/q/metrics"))
                .contains("lorikeet_training_jobs_total{state=\"cancelled\"} 1.0")
                .contains("lorikeet_training_jobs_running 0.0")
                .contains("lorikeet_training_memory_bytes{area=\"process\"}");
    }

    @Test
    void twoTrainersTrainFourJobsOnceEach() throws Exception {
        TrainerProcess one = trainer().awaitReady();
        TrainerProcess two = trainer().awaitReady();
        for (int i = 0; i < 4; i++) {
            jobs.train("shared-" + i, "\"max_steps\": 300, \"promote\": \"never\"");
        }
        for (int i = 0; i < 4; i++) {
            jobs.await("shared-" + i, "succeeded");
        }

        for (int i = 0; i < 4; i++) {
            assertThat(jobs.types("shared-" + i)).containsOnlyOnce("started", "succeeded");
        }
        double first = succeeded(one);
        double second = succeeded(two);
        assertThat(first).isPositive();
        assertThat(second).isPositive();
        assertThat(first + second).isEqualTo(4);
    }

    @Test
    void aRejectedAdapterIsServedOnlyIfTheCommandSaysSo() throws Exception {
        trainer();
        String acceptance =
                "\"max_steps\": 2, \"acceptance\": [{\"question\": \"who\", \"must_contain\": [\"a bird of paradise\"]}]";
        jobs.train("judged", acceptance);
        jobs.train("anyway", acceptance + ", \"promote\": \"always\"");
        var judged = (TrainingEvent.Succeeded) jobs.await("judged", "succeeded");
        var anyway = (TrainingEvent.Succeeded) jobs.await("anyway", "succeeded");

        assertThat(judged.promoted()).isFalse();
        assertThat(anyway.promoted()).isTrue();
        assertThat(jobs.of("judged", TrainingEvent.Rejected.class).getFirst().answers())
                .singleElement()
                .satisfies(answer -> assertThat(answer.question()).isEqualTo("who"))
                .satisfies(answer -> assertThat(answer.answer()).isNotNull());
        try (var checkpoints = new Topic(broker, Topics.CHECKPOINTS)) {
            assertThat(checkpoints.all())
                    .extracting(record -> record.key())
                    .contains("bird-anyway")
                    .doesNotContain("bird-judged");
        }
    }

    @Test
    void aDryRunSaysWhatWouldHappenAndLeavesItsJobIdFree() throws Exception {
        trainer();
        jobs.train("dry", "\"max_steps\": 2, \"promote\": \"never\", \"dry_run\": true");
        var validated = (TrainingEvent.Validated) jobs.await("dry", "validated");
        jobs.train("dry", "\"max_steps\": 2, \"promote\": \"never\"");
        jobs.await("dry", "succeeded");

        assertThat(validated.report().rows()).isEqualTo(4);
        assertThat(validated.report().maxSteps()).isEqualTo(2);
        assertThat(jobs.types("dry")).startsWith("validated", "started");
    }

    /** What the trainers keep of a job. */
    private static Path job(String id, String file) {
        return shared.resolve("work/adapters/.jobs").resolve(id).resolve(file);
    }

    private TrainerProcess trainer() throws IOException {
        return trainer(Map.of(), "unlimited");
    }

    private TrainerProcess trainer(Map<String, String> environment, String fileBlocks) throws IOException {
        var trainer = new TrainerProcess(broker, shared.resolve("work"), model, shared, environment, fileBlocks);
        opened.add(trainer);
        return trainer;
    }

    private static double succeeded(TrainerProcess trainer) throws Exception {
        return trainer.body("/q/metrics")
                .lines()
                .filter(line -> line.startsWith("lorikeet_training_jobs_total{state=\"succeeded\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static void assertEveryCheckpointIsWhole(Path job) throws IOException {
        try (ModelCheckpoint base = ModelCheckpoint.open(model);
                Stream<Path> tree = Files.walk(job)) {
            for (Path checkpoint : tree.filter(
                            path -> path.getFileName().toString().matches("checkpoint-\\d+"))
                    .toList()) {
                assertThat(PeftAdapter.read(checkpoint, base.config()).config().r())
                        .isEqualTo(256);
                try (Safetensors optimizer = Safetensors.open(checkpoint.resolve("optimizer.safetensors"))) {
                    assertThat(optimizer.tensors()).isNotEmpty();
                }
                int step = JSON.readTree(
                                checkpoint.resolve("trainer_state.json").toFile())
                        .path("global_step")
                        .asInt();
                assertThat(checkpoint).hasFileName("checkpoint-" + step);
            }
        }
    }

    /** The step of the newest checkpoint; 0 if there is none. */
    private static int latestStep(Path folder) throws IOException {
        return names(folder).stream()
                .filter(name -> name.matches("checkpoint-\\d+"))
                .mapToInt(name -> Integer.parseInt(name.substring("checkpoint-".length())))
                .max()
                .orElse(0);
    }

    private static List<String> names(Path folder) throws IOException {
        var names = new ArrayList<String>();
        // a folder that goes while it is listed is no surprise
        for (Path path : folder.toFile().isDirectory() ? list(folder) : List.<Path>of()) {
            names.add(path.getFileName().toString());
            if (path.getFileName().toString().startsWith("v")) {
                list(path).forEach(inner -> names.add(inner.getFileName().toString()));
            }
        }
        return names;
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    /** Waits for a file that is written whole, and returns its first line. */
    private static String awaitLine(Path file) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!Files.exists(file) || Files.size(file) == 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("there is no " + file);
            }
            Thread.sleep(50);
        }
        return Files.readAllLines(file).getFirst();
    }
}
