package io.lorikeet.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.trainer.output.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold of any job: however it is interrupted it ends bit-equal, and however its windows are packed it ends the
 * same to rounding. {@code -Dlorikeet.random.jobs} says how many.
 */
class RandomJobsTest {
    private static final int JOBS = Integer.getInteger("lorikeet.random.jobs", 8);

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Runs runs;

    @BeforeAll
    static void write() throws IOException {
        runs = new Runs(shared);
    }

    static IntStream seeds() {
        return IntStream.range(0, JOBS);
    }

    @ParameterizedTest(name = "job {0}")
    @MethodSource("seeds")
    void endsTheSameHoweverItIsInterruptedAndPacked(int seed) throws IOException {
        var random = new Random(seed);
        String rows = rows(random);
        int steps = 3 + random.nextInt(6);
        String settings = """
                "dataset": [], "rows": %s, "max_steps": %d, "save_steps": %d, "per_device_train_batch_size": %d,
                "gradient_accumulation_steps": %d, "lora_dropout": %s, "use_rslora": %b, "use_dora": %b, "lorap_lr_ratio": %s, "lora_rank": %d, "weight_decay": %s,
                "lr_scheduler_type": "%s", "warmup_ratio": %s, "split_dataset_ratio": %s, "eval_steps": %d, "save_total_limit": 2,
                "gradient_checkpointing": %b, "seed": %d, "data_seed": %d
                """.formatted(
                        rows,
                        steps,
                        1 + random.nextInt(3),
                        1 + random.nextInt(3),
                        1 + random.nextInt(3),
                        seed % 2 == 0 ? "0" : "0.2",
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextBoolean() ? "1" : "4",
                        1 + random.nextInt(8),
                        random.nextBoolean() ? "0" : "0.1",
                        random.nextBoolean() ? "cosine" : "linear",
                        random.nextBoolean() ? "0" : "0.3",
                        random.nextBoolean() ? "0" : "0.3",
                        1 + random.nextInt(3),
                        random.nextBoolean(),
                        random.nextInt(1000),
                        random.nextInt(1000));
        String budget = ", \"max_tokens_per_pass\": " + (1 + random.nextInt(200));
        String description = settings + budget;
        Path whole = run(RunFolder.create(folder.resolve("whole")), settings + budget);

        // killed or asked to stop, anywhere, up to three times
        var parts = RunFolder.create(folder.resolve("parts"));
        for (int interruption = 0; interruption < 1 + random.nextInt(3); interruption++) {
            Interruption how = Interruption.values()[random.nextInt(Interruption.values().length)];
            interrupt(parts, settings + budget, 1 + random.nextInt(steps), how);
        }
        assertThat(run(parts, settings + budget)).as(description).hasSameBinaryContentAs(whole);

        if (seed % 2 == 0) {
            Path single = run(RunFolder.create(folder.resolve("single")), settings + ", \"max_tokens_per_pass\": 1");
            assertThat(largestDifference(single, whole)).as(description).isCloseTo(0, within(1e-4));
        }
    }

    private static String rows(Random random) {
        return IntStream.range(0, 2 + random.nextInt(9))
                .mapToObj(row -> "{\"query\": \"%s\", \"response\": \"%s\"}"
                        .formatted(
                                "q".repeat(1 + random.nextInt(30)),
                                "a%d".formatted(row).repeat(1 + random.nextInt(20))))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static Path run(RunFolder run, String settings) throws IOException {
        var done = (RunResult.Finished) runs.run(run, settings, new RunControl(), new Runs.Recorder());
        return done.checkpoint().resolve("adapter_model.safetensors");
    }

    private enum Interruption {
        KILLED,
        KILLED_IN_MID_STEP,
        STOPPED,
        STOPPED_IN_MID_STEP
    }

    /** In mid-step: with the so-many-th pass, of which a step has one or more. */
    private static void interrupt(RunFolder run, String settings, int after, Interruption how) throws IOException {
        var recorder = new Runs.Recorder();
        var control = new RunControl();
        Runnable kill = () -> {
            throw new Killed();
        };
        switch (how) {
            case KILLED -> recorder.after(after, kill);
            case KILLED_IN_MID_STEP -> recorder.atSign("training", after, kill);
            case STOPPED -> recorder.stopAfter(after, control);
            case STOPPED_IN_MID_STEP ->
                recorder.atSign("training", after, () -> control.request(RunControl.Stop.SHUTDOWN));
        }
        try {
            runs.run(run, settings, control, recorder);
        } catch (Killed e) {
            assertThat(recorder.steps()).isLessThanOrEqualTo(after);
        }
    }

    private static double largestDifference(Path one, Path other) throws IOException {
        try (ModelCheckpoint base = ModelCheckpoint.open(runs.model())) {
            PeftAdapter first = PeftAdapter.read(one.getParent(), base.config());
            PeftAdapter second = PeftAdapter.read(other.getParent(), base.config());
            double largest = 0;
            for (LoraTarget target : first.weights().keySet()) {
                LoraWeights mine = first.weights(target.layer(), target.module());
                LoraWeights its = second.weights(target.layer(), target.module());
                largest = Math.max(largest, largestDifference(mine.a(), its.a()));
                largest = Math.max(largest, largestDifference(mine.b(), its.b()));
            }
            return largest;
        }
    }

    private static double largestDifference(float[] one, float[] other) {
        return IntStream.range(0, one.length)
                .mapToDouble(i -> Math.abs(one[i] - other[i]))
                .max()
                .orElse(0);
    }

    /** Ends a run as a kill does: nothing is saved, nothing said. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
