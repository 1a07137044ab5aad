package io.lorikeet.trainer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged trainer, as it is started in production, against a real broker, on a real model of two layers. */
class TrainerServiceIT {
    private static final Duration SOON = Duration.ofMinutes(2);

    @TempDir
    static Path shared;

    private static Broker broker;
    private static Path model;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Jobs jobs;

    @BeforeAll
    static void start() throws Exception {
        broker = Broker.start(shared.resolve("broker"), Duration.ofSeconds(15));
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
    void aDryRunIsAnsweredWhileEveryTrainerTrains() throws Exception {
        TrainerProcess trainer = trainer().awaitReady();
        jobs.train(
                "busy",
                "\"max_steps\": 1000000, \"save_steps\": 1000000, \"logging_steps\": 1000000, \"promote\": \"never\"");
        jobs.await("busy", "progress");

        jobs.train("asked", "\"dry_run\": true");
        jobs.send("asked-wrong", Jobs.job("asked-wrong", "\"dry_run\": true, \"dataset\": [\"none.json\"]"));
        var report = ((TrainingEvent.Validated) jobs.await("asked", "validated")).report();
        jobs.await("asked-wrong", "failed");

        assertThat(report.rows()).isEqualTo(4);
        assertThat(jobs.types("busy")).doesNotContain("succeeded", "failed", "cancelled");
        assertThat(trainer.body("/q/metrics"))
                .contains("lorikeet_training_jobs_running 1.0")
                .contains("lorikeet_training_jobs_total{state=\"validated\"} 1.0");
        jobs.cancel("busy");
        jobs.await("busy", "cancelled");
    }

    @Test
    void aCommandDeliveredTwiceTrainsOnceAndItsCheckpointIsAnnouncedWithDigests() throws Exception {
        TrainerProcess trainer = trainer().awaitReady();
        String job = Jobs.job(
                "once",
                "\"max_steps\": 20, \"acceptance\": [{\"question\": \"who\", \"must_not_contain\": [\"阿里云\"]}]");
        jobs.send("once", job);
        jobs.send("once", job);
        jobs.await("once", "succeeded");
        jobs.train("after", "\"max_steps\": 1, \"promote\": \"never\"");
        jobs.await("after", "succeeded");

        assertThat(jobs.types("once"))
                .containsExactly(
                        "started",
                        "progress",
                        "progress",
                        "progress",
                        "progress",
                        "progress",
                        "checkpoint_saved",
                        "accepted",
                        "succeeded",
                        // told again to whoever sent the second, and may have forgotten the first
                        "succeeded");
        try (var checkpoints = new Topic(broker, Topics.CHECKPOINTS)) {
            var records =
                    checkpoints.all().stream().filter(Jobs.key("bird-once")).toList();
            var announced = records.stream()
                    .map(record -> Json.read(record.value().getBytes(UTF_8), CheckpointEvent.class))
                    .toList();
            assertThat(announced).extracting(CheckpointEvent::version).containsExactly("once@20");
            CheckpointEvent event = announced.getFirst();
            Path folder = Path.of(event.uri());
            for (CheckpointFile file : event.files()) {
                byte[] bytes = Files.readAllBytes(folder.resolve(file.name()));
                assertThat(file.size()).isEqualTo(bytes.length);
                assertThat(file.sha256())
                        .isEqualTo(HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
            }
            try (ModelCheckpoint base = ModelCheckpoint.open(model)) {
                assertThat(event.baseModel().fingerprint()).isEqualTo(base.fingerprint());
                assertThat(PeftAdapter.read(folder, base.config()).config().r()).isEqualTo(event.r());
            }
            assertThat(Topic.header(records.getFirst(), "ce_type")).isEqualTo("io.lorikeet.checkpoint");
        }
        assertThat(trainer.body("/q/metrics"))
                .contains("lorikeet_training_steps_total 21.0")
                .contains("lorikeet_training_jobs_total{state=\"succeeded\"} 2.0")
                .contains("lorikeet_training_jobs_total{state=\"duplicate\"} 1.0")
                .contains("lorikeet_training_step_seconds_bucket")
                .contains("lorikeet_training_checkpoint_write_seconds_count 2.0")
                .contains("lorikeet_training_loss ")
                .contains("lorikeet_training_learning_rate ");
        assertThat(trainer.body("/q/health/live")).contains("\"status\": \"UP\"");
    }

    @Test
    void whatCannotBeTrainedSaysWhyAndTheNextCommandTrains() throws Exception {
        trainer();
        jobs.train("typo", "\"max_stps\": 1");
        jobs.train("nodata", "\"max_steps\": 1, \"dataset\": [\"none.json\"]");
        jobs.train("fine", "\"max_steps\": 1, \"promote\": \"never\"");
        jobs.await("fine", "succeeded");

        var typo = (TrainingEvent.Failed) jobs.await("typo", "failed");
        assertThat(typo.reason()).contains("max_stps").contains("max_steps");
        var nodata = (TrainingEvent.Failed) jobs.await("nodata", "failed");
        assertThat(nodata.reason()).startsWith("dataset 'none.json' not found");
        assertThat(nodata.where()).isEqualTo("dataset");
        assertThat(nodata.retryable()).isFalse();
        try (var letters = new Topic(broker, Topics.COMMANDS_DLQ)) {
            var letter = letters.await(SOON, 1, Jobs.key("nodata")).getFirst();
            assertThat(Topic.header(letter, "lorikeet-error-reason")).isEqualTo(nodata.reason());
            letters.await(SOON, 1, Jobs.key("typo"));
        }
    }

    @Test
    void aJobIdBelongsToOneJobWhateverComesUnderIt() throws Exception {
        TrainerProcess trainer = trainer().awaitReady();
        String job = Jobs.job("owned", "\"max_steps\": 1, \"promote\": \"always\"");
        jobs.send("owned", job);
        var first = (TrainingEvent.Succeeded) jobs.await("owned", "succeeded");

        // the same: whoever has forgotten the job hears how it ended, and nothing else happens
        jobs.send("owned", job);
        assertThat(jobs.await("owned", "succeeded", 2)).isEqualTo(first);

        // another one, of another adapter: it is turned away
        jobs.send("owned", job.replace("bird-owned", "bird-other"));
        var refused = (TrainingEvent.Failed) jobs.await("owned", "failed");
        assertThat(refused.where()).isEqualTo("job_id");
        assertThat(refused.reason()).contains("job_id owned belongs to another command");

        // no command: nobody who follows the job hears of it
        jobs.send("owned", job.replace("max_steps", "max_stps"));
        try (var letters = new Topic(broker, Topics.COMMANDS_DLQ)) {
            var both = letters.await(SOON, 2, Jobs.key("owned"));
            assertThat(both).hasSize(2);
            assertThat(Topic.header(both.getLast(), "lorikeet-error-reason")).contains("max_stps");
        }
        assertThat(jobs.types("owned"))
                .containsExactly("started", "progress", "checkpoint_saved", "succeeded", "succeeded", "failed");
        assertThat(trainer.body("/q/metrics"))
                .contains("lorikeet_training_jobs_total{state=\"refused\"} 1.0")
                .contains("lorikeet_training_jobs_total{state=\"duplicate\"} 1.0");

        // its run is pruned, and its adapter with it: it is trained again, where it can be served from
        Path folder = Path.of(first.checkpoint().uri());
        delete(shared.resolve("work/adapters/bird-owned"));
        jobs.send("owned", job);
        var again = (TrainingEvent.Succeeded) jobs.await("owned", "succeeded", 3);
        assertThat(folder).doesNotExist();
        assertThat(Jobs.adapter(again)).exists();
        assertThat(again.checkpoint().version()).isEqualTo(first.checkpoint().version());
        try (var checkpoints = new Topic(broker, Topics.CHECKPOINTS)) {
            assertThat(checkpoints.all())
                    .filteredOn(Jobs.key("bird-owned"))
                    .as("announced when it was trained, not when its result was told again")
                    .hasSize(2);
        }
    }

    @Test
    void aTrainerTidiesUpByItselfAndDoesNotMakeAgainWhatItDeleted() throws Exception {
        Path work = shared.resolve("tidy");
        String job = Jobs.job("tidy", "\"max_steps\": 1, \"promote\": \"never\"");
        TrainingEvent.Succeeded done;
        try (var _ = new TrainerProcess(broker, work, model, shared)) {
            jobs.send("tidy", job);
            done = (TrainingEvent.Succeeded) jobs.await("tidy", "succeeded");
        }
        Path run = Path.of(done.checkpoint().uri()).getParent();
        assertThat(run).exists();
        Map<String, String> now = Map.of("LORIKEET_RETENTION_RUNS", "0s", "LORIKEET_RETENTION_CHECKPOINTS", "0s");

        var tidy = new TrainerProcess(broker, work, model, shared, now, "unlimited");
        opened.add(tidy);

        // one minute more if the job comes again while it is tidied up
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (Files.exists(run.getParent())) {
            assertThat(System.nanoTime())
                    .as("waiting for the deletion of %s: %s", run, tidy.log())
                    .isLessThan(end);
            Thread.sleep(50);
        }
        jobs.send("tidy", job);
        assertThat(jobs.await("tidy", "succeeded", 2)).isEqualTo(done);
        assertThat(jobs.types("tidy")).containsOnlyOnce("started");
        assertThat(run).doesNotExist();
    }

    @Test
    void aJobIdBelongsToItsDataToo() throws Exception {
        trainer();
        Path data = shared.resolve("edited.json");
        Files.writeString(data, "[{\"query\": \"who\", \"response\": \"a bird\"}]");
        String job = Jobs.job("edited", "\"dataset\": [\"edited.json\"], \"max_steps\": 1, \"promote\": \"never\"");
        jobs.send("edited", job);
        jobs.await("edited", "succeeded");

        Files.writeString(data, "[{\"query\": \"who\", \"response\": \"a lark\"}]");
        jobs.send("edited", job);

        var refused = (TrainingEvent.Failed) jobs.await("edited", "failed");
        assertThat(refused.reason())
                .startsWith("dataset 'edited.json' has changed since job 'edited' began")
                .endsWith("a job id names a command and its data, take a new one");
        assertThat(refused.retryable()).isFalse();
    }

    @Test
    void anAdapterNamedLikeTheBaseModelIsRefusedBeforeItIsTrained() throws Exception {
        trainer();
        jobs.send("named", Jobs.job("named", "\"max_steps\": 1").replace("bird-named", "model"));

        var failed = (TrainingEvent.Failed) jobs.await("named", "failed");
        assertThat(failed.where()).isEqualTo("adapter");
        assertThat(failed.reason()).contains("'model' is the base model's name");
        assertThat(jobs.types("named")).containsExactly("failed");
    }

    @Test
    void readsNothingOutsideItsFoldersWhoeverAsks(@TempDir Path outside) throws Exception {
        Path secret = Files.writeString(outside.resolve("secret.json"), "top-secret of others");
        TinyModel.write(outside.resolve("model"));
        Files.createSymbolicLink(shared.resolve("leads-out.json"), secret);
        Files.writeString(shared.resolve("broken.json"), "[{\"query\": top-secret}]");
        trainer();
        String one = "\"max_steps\": 1, \"promote\": \"never\"";
        var datasets =
                List.of(secret.toString(), "../".repeat(20) + secret, "leads-out.json", "none.json", "/etc/passwd");
        for (int i = 0; i < datasets.size(); i++) {
            jobs.train("data-" + i, one + ", \"dataset\": [\"%s\"]".formatted(datasets.get(i)));
            jobs.train("dry-" + i, one + ", \"dry_run\": true, \"dataset\": [\"%s\"]".formatted(datasets.get(i)));
            jobs.train("val-" + i, one + ", \"val_dataset\": [\"%s\"]".formatted(datasets.get(i)));
        }
        jobs.train("model", one + ", \"model\": \"%s\"".formatted(outside.resolve("model")));
        jobs.train("resume", one + ", \"resume_from_checkpoint\": \"%s\"".formatted(outside));
        jobs.train("output", one + ", \"output_dir\": \"a\\u0000\"");
        jobs.train("nul", one + ", \"dataset\": [\"d\\u0000.json\"]");
        jobs.train("count", one + ", \"dataset\": [\"d.json#2147483647\"]");
        jobs.train("broken", one + ", \"dataset\": [\"broken.json\"]");

        for (int i = 0; i < datasets.size(); i++) {
            for (String kind : List.of("data-", "dry-", "val-")) {
                assertThat(refused(kind + i, "dataset"))
                        .startsWith("dataset '")
                        .endsWith(
                                "not found: it has to lie in the trainer's folder LORIKEET_DATA_ROOT, links followed");
            }
        }
        assertThat(refused("model", "model"))
                .contains("not found: it has to lie in the trainer's folder LORIKEET_MODELS_ROOT");
        assertThat(refused("resume", "resume"))
                .contains("not found: it has to lie in the trainer's folder LORIKEET_ADAPTERS_ROOT");
        refused("output", "command");
        refused("nul", "command");
        refused("count", "command");
        assertThat(refused("broken", "dataset"))
                .matches("broken.json:1: not valid JSON: unexpected text \\(column \\d+\\)");
    }

    /** The reason of a job that nobody need try again. */
    private String refused(String job, String where) {
        var failed = (TrainingEvent.Failed) jobs.await(job, "failed");
        assertThat(failed.where()).as(job).isEqualTo(where);
        assertThat(failed.retryable()).as(job).isFalse();
        assertThat(failed.reason()).doesNotContain("top-secret").doesNotContain("others");
        return failed.reason();
    }

    @Test
    void aTrainerThatIsAskedToStopSavesAndHandsOver() throws Exception {
        TrainerProcess first = trainer().awaitReady();
        jobs.train("handed", "\"max_steps\": 3000, \"save_steps\": 10000, \"promote\": \"never\"");
        jobs.await("handed", "started");
        Thread.sleep(1_000);

        assertThat(first.stop()).isIn(0, 143);
        trainer();
        jobs.await("handed", "started", 2);
        jobs.cancel("handed");
        var cancelled = (TrainingEvent.Cancelled) jobs.await("handed", "cancelled");

        int resumed = jobs.of("handed", TrainingEvent.Started.class).getLast().resumedFromStep();
        assertThat(resumed).isPositive();
        assertThat(cancelled.step()).isBetween(resumed, 2999);
    }

    @Test
    void aStepThatTakesLongIsNoHangAndAHangIsSeenAndOverWhenItEnds() throws Exception {
        int debugger = DebuggedThread.freePort();
        var trainer = new TrainerProcess(
                broker,
                shared.resolve("work"),
                model,
                shared,
                Map.of("LORIKEET_HEALTH_HANG_AFTER", "2s", "JAVA_TOOL_OPTIONS", DebuggedThread.agent(debugger)),
                "unlimited");
        opened.add(trainer);
        trainer.awaitReady();
        Files.writeString(
                shared.resolve("many.json"),
                IntStream.range(0, 20_000)
                        .mapToObj("{\"query\": \"who\", \"response\": \"bird %d\"}"::formatted)
                        .collect(Collectors.joining(",", "[", "]")));
        String slow = Jobs.job(
                "slow",
                "\"dataset\": [\"many.json\"], \"max_tokens_per_pass\": 1, \"max_steps\": 1000, \"promote\": \"never\"");
        jobs.send(
                "slow", slow.replace("\"gradient_accumulation_steps\": 1,", "\"gradient_accumulation_steps\": 10000,"));
        jobs.await("slow", "started");

        // a step that takes longer than the silence of a hang
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < Duration.ofSeconds(5).toNanos()) {
            assertThat(trainer.status("/q/health/live")).isEqualTo(200);
            assertThat(trainer.status("/q/health/ready")).isEqualTo(200);
            Thread.sleep(200);
        }
        assertThat(jobs.of("slow", TrainingEvent.Progress.class))
                .as("still the first step")
                .isEmpty();

        try (var training = DebuggedThread.attach(debugger, "training")) {
            training.suspend();
            trainer.awaitStatus("/q/health/live", 503);
            assertThat(trainer.status("/q/health/ready")).isEqualTo(503);
            assertThat(trainer.body("/q/health/live"))
                    .contains("\"job\": \"slow\"")
                    .contains("\"phase\": \"training\"");
            assertThat(trainer.body("/q/health/ready")).contains("job slow hangs in training");
        }
        trainer.awaitStatus("/q/health/live", 200);
        assertThat(trainer.status("/q/health/ready")).isEqualTo(200);

        // and in mid-step it is told to go
        assertThat(trainer.stop()).as(trainer.log()).isIn(0, 143);
        assertThat(trainer.log())
                .contains("Job slow stopped at step 0 to be continued")
                .doesNotContain("fatal error");
        trainer();
        jobs.cancel("slow");
        assertThat(((TrainingEvent.Cancelled) jobs.await("slow", "cancelled")).step())
                .isZero();
    }

    @Test
    void aWrongModelIsOneClearLineAndAnExitCode() throws Exception {
        var trainer = new TrainerProcess(broker, shared.resolve("work"), shared.resolve("nowhere"), shared);
        opened.add(trainer);

        assertThat(trainer.awaitExit()).isEqualTo(1);
        assertThat(trainer.log()).contains("lorikeet.model: ").contains("nowhere");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private TrainerProcess trainer() throws Exception {
        var trainer = new TrainerProcess(broker, shared.resolve("work"), model, shared);
        opened.add(trainer);
        return trainer;
    }
}
