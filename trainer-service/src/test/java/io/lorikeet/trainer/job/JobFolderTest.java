package io.lorikeet.trainer.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.queue.Delivery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFolderTest {
    private static final int ROUNDS = 300;
    private static final Delivery FIRST = new Delivery("commands", 0, 0, 1_000, 1);
    private static final Delivery SECOND = new Delivery("commands", 0, 0, 2_000, 1);

    @TempDir
    Path root;

    @BeforeEach
    void makeItsFolder() throws IOException {
        folder(command("")).lock().orElseThrow().close();
    }

    @Test
    void outputDirSaysWhereTheRunIsAndStaysUnderTheRoot() throws IOException {
        assertThat(folder(command("")).run(command("")).path().getParent()).isEqualTo(root.resolve("bird/job"));
        TrainCommand elsewhere = command(", \"output_dir\": \"nightly/birds\"");
        assertThat(folder(elsewhere).run(elsewhere).path().getParent()).isEqualTo(root.resolve("nightly/birds"));

        TrainCommand outside = command(", \"output_dir\": \"../birds\"");
        assertThatThrownBy(() -> folder(outside).run(outside))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("output_dir: '../birds' is not a folder under the adapters root");
    }

    @Test
    void theSameCommandFindsItsRunAndAnotherOneBeginsAnew() throws IOException {
        TrainCommand command = command("");
        Path first = folder(command).run(command).path();

        assertThat(folder(command).run(command).path()).isEqualTo(first);
        assertThat(folder(command).run(command(", \"lora_rank\": 4")).path()).isNotEqualTo(first);
    }

    @Test
    void aTryThatNeverEndedIsNotedByTheNextOne() throws IOException {
        JobFolder folder = folder(command(""));
        assertThat(folder.begin(FIRST)).isZero();
        folder.end();
        assertThat(folder.attempted()).isEmpty();
        folder.begin(FIRST);
        assertThat(folder.attempted()).contains(FIRST.id());

        assertThat(folder.begin(FIRST)).isEqualTo(1);
        assertThat(folder.failed("checkpoint", "no room\nat all")).isEqualTo(2);
        assertThat(folder.failures())
                .containsExactly(
                        "try 1, trainer: ended without a word: it was killed, or the machine went down",
                        "try 2, checkpoint: no room at all");
    }

    @Test
    void whatIsKnownOfAJobIsFoundByItsIdAloneAndOutlivesItsRun() throws IOException {
        TrainCommand command = command("");
        JobFolder folder = folder(command);
        JobRecord begun = JobRecord.begun(command, FIRST);
        folder.begins(begun);
        Path run = folder.run(command).path();
        JobRecord ended = begun.ended(new TrainingEvent.Cancelled("job", "bird", Instant.EPOCH, 1, null))
                .asPublished();
        folder.keep(ended);
        Files.delete(run);
        Files.delete(root.resolve("bird/job"));
        Files.delete(root.resolve("bird"));

        JobFolder later = new JobFolder(root, "job");
        assertThat(later.job()).contains(ended);
        assertThat(later.runOf(command.digest())).isEmpty();
        assertThat(later.job().orElseThrow().isOf(FIRST)).isTrue();
        assertThat(later.job().orElseThrow().isOf(SECOND))
                .as("the same place on another broker")
                .isFalse();
        assertThat(JobClaim.of(
                        later.job().map(JobRecord::known),
                        command(", \"lora_rank\": 4").digest()))
                .isInstanceOf(JobClaim.Taken.class);
    }

    @Test
    void aJobIsLockedForOneAtATime() throws IOException {
        JobFolder folder = folder(command(""));
        try (var _ = folder.lock().orElseThrow()) {
            assertThat(folder(command("")).lock()).isEmpty();
        }
        folder.lock().orElseThrow().close();
    }

    /** The system would give the lock back with any descriptor of the file that its process closes. */
    @Test
    void aJobStaysLockedForOtherProcessesWhoeverAsksHere() throws Exception {
        JobFolder folder = folder(command(""));
        try (var _ = folder.lock().orElseThrow()) {
            assertThat(anotherProcessLocks()).isFalse();
            assertThat(folder(command("")).lock()).isEmpty();
            assertThat(anotherProcessLocks()).isFalse();
        }
        assertThat(anotherProcessLocks()).isTrue();
    }

    private boolean anotherProcessLocks() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Locking.class.getName(),
                        root.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return Boolean.parseBoolean(new String(process.getInputStream().readAllBytes(), UTF_8).strip());
    }

    /** Says whether it gets the job. */
    static final class Locking {
        private Locking() {}

        public static void main(String[] args) throws IOException {
            System.out.println(new JobFolder(Path.of(args[0]), "job").lock().isPresent());
        }
    }

    /** Whoever waited at the lock of a job that was forgotten must not hold what nobody else finds. */
    @Test
    void aJobThatIsForgottenAgainAndAgainIsLockedForOneAtATimeToo() throws Exception {
        var archive = new JobArchive(root);
        var inside = new AtomicInteger();
        var times = new AtomicInteger();
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        Callable<Integer> forgetter = () -> {
            int most = 0;
            while (times.get() < ROUNDS && System.nanoTime() - end < 0) {
                try (var hold = folder(command("")).lock().orElse(null)) {
                    if (hold != null) {
                        most = Math.max(most, inside.incrementAndGet());
                        Thread.onSpinWait();
                        most = Math.max(most, inside.getAndDecrement());
                        times.incrementAndGet();
                        synchronized (archive) { // one prunes at a time
                            archive.forget("job");
                        }
                    }
                }
            }
            return most;
        };
        try (var threads = Executors.newFixedThreadPool(3)) {
            for (var most : threads.invokeAll(List.of(forgetter, forgetter, forgetter))) {
                assertThat(most.get()).isLessThanOrEqualTo(1);
            }
        }
        assertThat(times).hasValueGreaterThanOrEqualTo(ROUNDS);
    }

    private JobFolder folder(TrainCommand command) {
        return new JobFolder(root, command.jobId());
    }

    private static TrainCommand command(String more) {
        return (TrainCommand) TrainingCommand.parse(
                ("{\"type\": \"train\", \"job_id\": \"job\", \"adapter\": \"bird\", \"dataset\": [\"d.json\"]" + more
                                + "}")
                        .getBytes(UTF_8));
    }
}
