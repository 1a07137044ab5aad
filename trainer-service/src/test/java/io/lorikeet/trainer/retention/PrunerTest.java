package io.lorikeet.trainer.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.store.AdapterStore;
import io.lorikeet.store.FolderStore;
import io.lorikeet.store.Incoming;
import io.lorikeet.trainer.job.JobArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrunerTest {
    private static final Retention RETENTION =
            new Retention(1, Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(365));

    @TempDir
    Path root;

    private PastJobs jobs;
    private AdapterStore store;

    @BeforeEach
    void makeStore() throws IOException {
        // as mount points are: reached by a link
        jobs = new PastJobs(root.toRealPath());
        store = new FolderStore(jobs.root);
    }

    @Test
    void keepsTheServedVersionAndTheNewestPromotedOnesAndDeletesTheOthersOnceTheyAreOld() throws IOException {
        CheckpointEvent rolledBackTo = jobs.succeeded("bird", "first", 90, true);
        CheckpointEvent superseded = jobs.succeeded("bird", "second", 80, true);
        CheckpointEvent newest = jobs.succeeded("bird", "third", 70, true);
        CheckpointEvent rejected = jobs.succeeded("bird", "fourth", 60, false);
        CheckpointEvent young = jobs.succeeded("bird", "fifth", 20, false);

        prune(served(rolledBackTo.version()));

        assertThat(List.of(rolledBackTo, newest, young)).allMatch(store::holds);
        assertThat(List.of(superseded, rejected)).noneMatch(store::holds);
        assertThat(jobs.run("bird", "second").getParent()).doesNotExist();
        // an old run whose version stays is that version, its log, and nothing to go on with
        assertThat(jobs.checkpoint("bird", "first", 10)).doesNotExist();
        assertThat(jobs.checkpoint("bird", "first", 30).resolve("optimizer.safetensors"))
                .doesNotExist();
        assertThat(jobs.run("bird", "first").resolve("logging.jsonl")).exists();
        assertThat(jobs.checkpoint("bird", "fifth", 30).resolve("optimizer.safetensors"))
                .exists();
        assertThat(pruner(served(rolledBackTo.version())).look())
                .as("once is enough")
                .isEmpty();
    }

    @Test
    void lookingDeletesNothingAndSaysWhatDeletingDoes() throws IOException {
        CheckpointEvent old = jobs.succeeded("bird", "first", 80, true);
        jobs.succeeded("bird", "second", 70, true);
        Pruner pruner = pruner(served());

        List<Doomed> doomed = pruner.look();

        assertThat(store.holds(old)).isTrue();
        assertThat(doomed)
                .filteredOn(Doomed.Run.class::isInstance)
                .singleElement()
                .satisfies(run -> assertThat(run.bytes()).isGreaterThan(30_000L));
        assertThat(pruner.prune().orElseThrow().deleted()).isEqualTo(doomed);
    }

    @Test
    void aJobThatHasNotEndedLosesNothing() throws IOException {
        jobs.unfinished("bird", "killed");

        assertThat(prune(served()).deleted()).isEmpty();

        assertThat(PastJobs.STEPS).allMatch(step -> Files.exists(jobs.checkpoint("bird", "killed", step)));
    }

    @Test
    void aJobThatATrainerHasIsLeftAlone() throws IOException {
        jobs.failed("bird", "failed", 60);
        jobs.failed("bird", "other", 60);

        // its command has come again
        new JobArchive(jobs.root).whileIdle("failed", _ -> prune(served()));

        assertThat(jobs.run("bird", "failed")).exists();
        assertThat(jobs.run("bird", "other")).doesNotExist();
    }

    @Test
    void afterAWhileAJobHasItsBestAndItsLastCheckpoint() throws IOException {
        jobs.failed("bird", "failed", 8);
        jobs.failed("bird", "fresh", 6);

        prune(served());

        assertThat(jobs.checkpoint("bird", "failed", 10)).as("the best").exists();
        assertThat(jobs.checkpoint("bird", "failed", 20)).doesNotExist();
        assertThat(jobs.checkpoint("bird", "failed", 30).resolve("optimizer.safetensors"))
                .as("the last, to go on from")
                .exists();
        assertThat(PastJobs.STEPS).allMatch(step -> Files.exists(jobs.checkpoint("bird", "fresh", step)));
    }

    @Test
    void aModelThatWasTrainedWholeLiesNowhereElseAndStays() throws IOException {
        jobs.madeAModel("bird", "full", 400);

        prune(served());

        assertThat(jobs.checkpoint("bird", "full", 10)).exists();
        assertThat(jobs.checkpoint("bird", "full", 30)).exists();
        assertThat(record("full")).exists();
    }

    @Test
    void noPromotedVersionGoesWhileNobodyKnowsWhatIsServed() throws IOException {
        CheckpointEvent first = jobs.succeeded("bird", "first", 80, true);
        CheckpointEvent second = jobs.succeeded("bird", "second", 70, true);
        CheckpointEvent rejected = jobs.succeeded("bird", "third", 60, false);

        prune(Optional::empty);

        assertThat(List.of(first, second)).allMatch(store::holds);
        assertThat(store.holds(rejected)).isFalse();
    }

    @Test
    void aVersionThatIsServedAgainMeanwhileStays() throws IOException {
        CheckpointEvent rolledBackTo = jobs.succeeded("bird", "first", 80, true);
        jobs.succeeded("bird", "second", 70, true);
        Pruner pruner = pruner(served(rolledBackTo.version()));
        assertThat(pruner(served()).look()).anyMatch(Doomed.Run.class::isInstance);

        pruner.prune();

        assertThat(store.holds(rolledBackTo)).isTrue();
    }

    @Test
    void aDeletionThatWasCutOffIsEndedAndNothingOfItLooksWhole() throws IOException {
        CheckpointEvent doomed = jobs.succeeded("bird", "first", 80, true);
        jobs.succeeded("bird", "second", 70, true);
        // what a crash leaves: the record says so, the run has its other name and half of it is gone
        jobs.record("first", jobs.run("bird", "first"), jobs.succeeded(doomed, 80, true), "BEGUN");
        Path half = jobs.run("bird", "first").resolveSibling(".v0-20260101-000000.deleted");
        Files.move(jobs.run("bird", "first"), half);
        Files.delete(half.resolve("checkpoint-30/adapter_config.json"));
        assertThat(store.holds(doomed)).isFalse();

        prune(served());

        assertThat(half.getParent()).doesNotExist();
        assertThat(Files.readString(record("first"))).contains("\"removal\":\"DONE\"");
    }

    @Test
    void whatAGatewayWasReceivingAsItWasKilledIsSweptAwayAfterADay() throws IOException {
        Path left = Incoming.in(jobs.root);
        Files.writeString(left.resolve("adapter_config.json"), "{}");
        Files.setLastModifiedTime(left, FileTime.from(PastJobs.NOW.minus(Duration.ofHours(25))));
        Path cutOff = Files.createDirectory(jobs.root.resolve("." + left.getFileName() + "-2.deleted"));
        Path receiving = Incoming.in(jobs.root);
        Files.setLastModifiedTime(receiving, FileTime.from(PastJobs.NOW.minus(Duration.ofHours(23))));

        prune(served());

        assertThat(List.of(left, cutOff)).noneMatch(Files::exists);
        assertThat(receiving).exists();
    }

    @Test
    void aJobIsForgottenOnlyWhenNothingIsLeftOfIt() throws IOException {
        CheckpointEvent served = jobs.succeeded("bird", "first", 400, true);
        jobs.succeeded("bird", "second", 390, true);
        jobs.failed("bird", "third", 380);
        jobs.failed("bird", "fourth", 100);

        prune(served(served.version()));
        assertThat(record("third")).as("what it made has to go first").exists();
        prune(served(served.version()));

        assertThat(record("third").getParent()).doesNotExist();
        assertThat(List.of(record("first"), record("second"), record("fourth"))).allMatch(Files::exists);
    }

    /** Two trainers share the root: each thing is deleted by one of them, and neither stumbles. */
    @Test
    void twoAtOnceDeleteEachThingOnce() throws IOException {
        for (int i = 0; i < 30; i++) {
            jobs.failed("bird", "job-" + i, 60);
        }
        List<CompletableFuture<Optional<Pruner.Result>>> both = IntStream.range(0, 2)
                .mapToObj(_ -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return pruner(served()).prune();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }))
                .toList();

        List<Pruner.Result> results = both.stream()
                .map(CompletableFuture::join)
                .flatMap(Optional::stream)
                .toList();

        assertThat(results).isNotEmpty().allMatch(result -> result.failures().isEmpty());
        assertThat(results.stream().flatMap(result -> result.deleted().stream()))
                .hasSize(30)
                .doesNotHaveDuplicates();
        assertThat(IntStream.range(0, 30)).allMatch(i -> !Files.exists(jobs.run("bird", "job-" + i)));
    }

    @Test
    void settingsThatMakeNoSenseAreNamed() {
        assertThatThrownBy(() -> new Retention(0, Duration.ZERO, Duration.ZERO, Duration.ofDays(365)))
                .hasMessageContaining("lorikeet.retention.versions");
        assertThatThrownBy(() -> new Retention(1, Duration.ZERO, Duration.ZERO, Duration.ofDays(89)))
                .hasMessageContaining("lorikeet.retention.jobs: is 89 days; at least 90");
        assertThatThrownBy(() -> new Retention(1, Duration.ofDays(-1), Duration.ZERO, Duration.ofDays(365)))
                .hasMessageContaining("lorikeet.retention.checkpoints");
        assertThat(Retention.time("30d")).isEqualTo(Duration.ofDays(30));
        assertThat(Retention.time("12h")).isEqualTo(Duration.ofHours(12));
        assertThatThrownBy(() -> Retention.time("soon")).hasMessageContaining("'soon' is no time");
    }

    private Path record(String jobId) {
        return jobs.root.resolve(".jobs").resolve(jobId).resolve("job.json");
    }

    private Pruner.Result prune(Served served) throws IOException {
        Pruner.Result result = pruner(served).prune().orElseThrow();
        assertThat(result.failures()).isEmpty();
        return result;
    }

    private Pruner pruner(Served served) {
        return new Pruner(jobs.root, store, RETENTION, served, Clock.fixed(PastJobs.NOW, ZoneOffset.UTC));
    }

    private static Served served(String... versions) {
        return () -> Optional.of(Set.of(versions));
    }
}
