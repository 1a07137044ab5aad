package io.lorikeet.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.output.TrainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that go wrong: what they say, and what they leave. */
class RunFailuresTest {
    private static final String CONSTANT = "\"lr_scheduler_type\": \"constant\", \"lora_dropout\": 0, ";

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Runs runs;

    private final Runs.Recorder recorder = new Runs.Recorder();

    @BeforeAll
    static void write() throws IOException {
        runs = new Runs(shared);
    }

    @Test
    void tenStepsWithoutAFiniteGradientFailTheRunAndKeepTheCheckpointBeforeThem() throws IOException {
        var run = RunFolder.create(folder);

        assertThatThrownBy(
                        () -> run(
                                run,
                                CONSTANT
                                        + "\"learning_rate\": 1e30, \"max_steps\": 50, \"save_steps\": 1, \"save_total_limit\": 1"))
                .isInstanceOfSatisfying(RunException.class, e -> {
                    assertThat(e.where()).isEqualTo("training");
                    assertThat(e.retryable()).isFalse();
                })
                .hasMessageContaining("the gradient was not finite in 10 steps one after the other, up to step 11")
                .hasMessageContaining("the last checkpoint, " + run.checkpoint(1) + ", is kept")
                .hasMessageContaining("a lower learning_rate may help");

        assertThat(recorder.reports)
                .hasSize(11)
                .filteredOn(RunObserver.StepReport::skipped)
                .hasSize(10);
        assertThat(run.checkpoints()).extracting(RunFolder.Checkpoint::step).containsExactly(1);
        assertThat(recorder.warnings).contains("step 2 left out: the gradient is not finite (loss NaN)");
    }

    @Test
    void anAdapterThatIsNotFiniteIsNotSaved() throws IOException {
        var run = RunFolder.create(folder);

        // a warmup begins at 0: the first step is a good one
        assertThatThrownBy(() -> run(
                        run,
                        "\"lr_scheduler_type\": \"constant_with_warmup\", \"warmup_steps\": 1, \"learning_rate\": 1e38, \"weight_decay\": 10,"
                                + " \"max_steps\": 5, \"save_steps\": 1, \"save_total_limit\": 1"))
                .isInstanceOfSatisfying(
                        RunException.class, e -> assertThat(e.retryable()).isFalse())
                .hasMessageContaining("the adapter is not finite after step 2")
                .hasMessageContaining("the last whole checkpoint is " + run.checkpoint(1));

        assertThat(run.checkpoints()).extracting(RunFolder.Checkpoint::step).containsExactly(1);
    }

    @Test
    void aRunThatStoppedEarlyAndDiedBeforeItsResultTrainsNoFurther() throws IOException {
        String settings = CONSTANT
                + "\"learning_rate\": 0.5, \"max_steps\": 100, \"split_dataset_ratio\": 0.2, \"eval_steps\": 1, \"early_stop_interval\": 2";
        var run = RunFolder.create(folder);
        var first = (RunResult.Finished) run(run, settings);
        int steps = recorder.steps();
        assertThat(steps).isLessThan(100);

        var again = (RunResult.Finished) run(RunFolder.reopen(run.path()), settings);

        assertThat(recorder.steps()).isEqualTo(steps);
        assertThat(again.checkpoint()).isEqualTo(first.checkpoint());
        assertThat(recorder.events(TrainingEvent.Started.class).getLast().resumedFromStep())
                .isEqualTo(steps);
    }

    @Test
    void aRunKeepsTheLimitsOfItsPassesBecauseDropoutFollowsThem() throws IOException {
        var run = RunFolder.create(folder);
        var control = new RunControl();
        recorder.stopAfter(2, control);
        runs.run(run, "\"max_steps\": 4, \"max_tokens_per_pass\": 40", control, recorder);
        // as a trainer that ran out of memory with what the command says would have left it
        Path state = run.checkpoint(2).resolve(TrainerState.FILE);
        Files.writeString(
                state, Files.readString(state).replace("\"max_tokens_per_pass\":40", "\"max_tokens_per_pass\":20"));

        run(run, "\"max_steps\": 4, \"max_tokens_per_pass\": 40");

        assertThat(Files.readString(run.checkpoint(4).resolve("args.json"))).contains("\"max_tokens_per_pass\":20");
    }

    private RunResult run(RunFolder run, String settings) throws IOException {
        return runs.run(run, settings, new RunControl(), recorder);
    }
}
