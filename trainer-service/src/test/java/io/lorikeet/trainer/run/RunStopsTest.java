package io.lorikeet.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.output.TrainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is to stop stops between two passes, wherever it is. */
class RunStopsTest {
    /** Five rows a step, one a pass; dropout, so that a pass done twice would show. */
    private static final String STEPS_OF_FIVE_PASSES =
            "\"per_device_train_batch_size\": 5, \"max_tokens_per_pass\": 1, \"lora_dropout\": 0.1, \"max_steps\": 6, \"save_steps\": 100";

    private static final String EVALUATION_OF_MANY_PASSES =
            "\"val_dataset\": [\"v.json\"], \"eval_steps\": 2, \"max_steps\": 6, \"save_steps\": 100, \"max_tokens_per_pass\": 64";

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Runs runs;

    private final Runs.Recorder recorder = new Runs.Recorder();
    private final RunControl control = new RunControl();

    @BeforeAll
    static void write() throws IOException {
        runs = new Runs(shared);
        var rows = new StringBuilder("[");
        for (int i = 0; i < 40; i++) {
            rows.append(i == 0 ? "" : ",").append("{\"query\": \"who\", \"response\": \"bird %d\"}".formatted(i));
        }
        Files.writeString(shared.resolve("v.json"), rows + "]");
    }

    @Test
    void aShutdownInMidStepSavesTheStepBeforeAndTheRunEndsAsIfNothingHadHappened() throws IOException {
        var whole = RunFolder.create(folder);
        runs.run(whole, STEPS_OF_FIVE_PASSES, new RunControl(), new Runs.Recorder());
        var broken = RunFolder.create(folder);
        recorder.atSign("training", 12, () -> control.request(RunControl.Stop.SHUTDOWN));

        var interrupted = runs.run(broken, STEPS_OF_FIVE_PASSES, control, recorder);

        assertThat(interrupted).isEqualTo(new RunResult.Interrupted(2));
        assertThat(recorder.signs("training")).as("passes").isEqualTo(12);
        assertThat(broken.checkpoints()).extracting(RunFolder.Checkpoint::step).containsExactly(2);
        runs.run(RunFolder.reopen(broken.path()), STEPS_OF_FIVE_PASSES, new RunControl(), recorder);
        assertThat(broken.checkpoint(6).resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(whole.checkpoint(6).resolve("adapter_model.safetensors"));
    }

    @Test
    void aCancelWhileTheDataIsReadEndsTheRunBeforeAllIsRead() throws IOException {
        Files.writeString(
                shared.resolve("many.jsonl"),
                "{\"query\": \"who\", \"response\": \"a bird\"}\n".repeat(3_000) + "and this is no JSON");
        recorder.atSign("dataset", 2, () -> control.request(RunControl.Stop.CANCEL));

        var cancelled = runs.run(RunFolder.create(folder), "\"dataset\": [\"many.jsonl\"]", control, recorder);

        assertThat(cancelled).isEqualTo(new RunResult.Cancelled(0, Optional.empty()));
        assertThat(recorder.signs("dataset")).as("thousands of rows").isEqualTo(2);
    }

    @Test
    void aCancelInMidEvaluationEndsItWithTheBatchInHand() throws IOException {
        var run = RunFolder.create(folder);
        recorder.atSign("evaluation", 3, () -> control.request(RunControl.Stop.CANCEL));

        var cancelled = runs.run(run, EVALUATION_OF_MANY_PASSES, control, recorder);

        assertThat(cancelled).isEqualTo(new RunResult.Cancelled(2, Optional.empty()));
        assertThat(recorder.signs("evaluation")).as("batches").isEqualTo(3);
        assertThat(recorder.events(TrainingEvent.Evaluated.class)).isEmpty();
    }

    @Test
    void aShutdownInMidEvaluationWaitsForItSoThatTheCheckpointHoldsIt() throws IOException {
        var run = RunFolder.create(folder);
        recorder.atSign("evaluation", 3, () -> control.request(RunControl.Stop.SHUTDOWN));

        var interrupted = runs.run(run, EVALUATION_OF_MANY_PASSES, control, recorder);

        assertThat(interrupted).isEqualTo(new RunResult.Interrupted(2));
        assertThat(recorder.events(TrainingEvent.Evaluated.class)).hasSize(1);
        assertThat(Files.readString(run.checkpoint(2).resolve(TrainerState.FILE)))
                .contains("eval_loss");
    }

    @Test
    void aCancelWhileAcceptanceQuestionsAreAnsweredEndsThemWithTheTokenInHand() throws IOException {
        var run = RunFolder.create(folder);
        String settings = "\"max_steps\": 1, \"acceptance\": [{\"question\": \"who\", \"must_contain\": [\"a\"]}]";
        recorder.atSign("acceptance", 5, () -> control.request(RunControl.Stop.CANCEL));

        var cancelled = runs.run(run, settings, control, recorder);

        assertThat(cancelled).isEqualTo(new RunResult.Cancelled(1, Optional.of(run.checkpoint(1))));
        assertThat(recorder.signs("acceptance")).as("tokens").isEqualTo(5);
        assertThat(recorder.events(TrainingEvent.Rejected.class)).isEmpty();
        assertThat(recorder.events(TrainingEvent.Accepted.class)).isEmpty();
    }

    @Test
    void aShutdownWhileAcceptanceQuestionsAreAnsweredLeavesThemToTheNextTrainer() throws IOException {
        var run = RunFolder.create(folder);
        String settings = "\"max_steps\": 1, \"acceptance\": [{\"question\": \"who\", \"must_contain\": [\"a\"]}]";
        recorder.atSign("acceptance", 5, () -> control.request(RunControl.Stop.SHUTDOWN));

        assertThat(runs.run(run, settings, control, recorder)).isEqualTo(new RunResult.Interrupted(1));
        var finished =
                (RunResult.Finished) runs.run(RunFolder.reopen(run.path()), settings, new RunControl(), recorder);

        assertThat(finished.answers()).hasSize(1);
        assertThat(recorder.steps()).as("trained once").isEqualTo(1);
    }
}
