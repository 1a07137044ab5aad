package io.lorikeet.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.dataset.DatasetException;
import io.lorikeet.trainer.files.DurableFiles;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.tools.TrainMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of the real engine on a model of two layers. */
class TrainingRunTest {
    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Runs runs;
    private static Path model;

    private final Runs.Recorder recorder = new Runs.Recorder();

    @BeforeAll
    static void writeModel() throws IOException {
        runs = new Runs(shared);
        model = runs.model();
    }

    @Test
    void learnsItsRowsByHeartAndIsAccepted() throws IOException {
        var run = RunFolder.create(folder);

        var done = (RunResult.Finished) run(run, """
                "max_steps": 250, "lora_rank": 16, "lora_dropout": 0, "weight_decay": 0, "warmup_ratio": 0.05,
                "save_steps": 1000,
                "acceptance": [{"question": "who", "must_contain": ["bird"], "must_not_contain": ["song"]},
                               {"question": "when", "must_contain": ["at dawn"]}]
                """);

        assertThat(done.answers()).extracting(answer -> answer.answer()).containsExactly("a bird", "at dawn");
        assertThat(done.accepted()).isTrue();
        assertThat(recorder.events(TrainingEvent.Accepted.class)).hasSize(1);
        var progress = recorder.events(TrainingEvent.Progress.class);
        assertThat(progress.getFirst().learningRate()).isZero();
        assertThat(progress.getLast().globalStep()).isEqualTo(250);
        assertThat(progress.getLast().loss()).isLessThan(progress.getFirst().loss() / 4);
    }

    @Test
    void rejectsAnAdapterThatAnswersWrongly() throws IOException {
        var done = (RunResult.Finished)
                run(
                        RunFolder.create(folder),
                        "\"max_steps\": 1, \"acceptance\": [{\"question\": \"who\", \"must_contain\": [\"a bird of paradise\"]}]");

        assertThat(done.accepted()).isFalse();
        assertThat(recorder.events(TrainingEvent.Rejected.class)
                        .getFirst()
                        .answers()
                        .getFirst()
                        .passed())
                .isFalse();
    }

    @Test
    void leavesTheFilesThatOthersRead() throws IOException {
        var run = RunFolder.create(folder);

        var done = (RunResult.Finished) run(run, "\"num_train_epochs\": 3, \"save_steps\": 4, \"lora_rank\": 4");

        Path checkpoint = run.path().resolve("checkpoint-9");
        assertThat(done.checkpoint()).isEqualTo(checkpoint);
        assertThat(run.checkpoints()).extracting(RunFolder.Checkpoint::step).containsExactly(4, 8, 9);
        for (String file : List.of(
                "adapter_config.json",
                "adapter_model.safetensors",
                "args.json",
                "trainer_state.json",
                "optimizer.safetensors")) {
            assertThat(checkpoint.resolve(file)).isNotEmptyFile();
        }
        try (ModelCheckpoint base = ModelCheckpoint.open(model)) {
            assertThat(PeftAdapter.read(checkpoint, base.config()).config().r()).isEqualTo(4);
        }
        assertThat(Json.parse(Files.readAllBytes(checkpoint.resolve("adapter_config.json")), "config")
                        .path("base_model_name_or_path")
                        .asText())
                .as("where PEFT's auto classes find the base")
                .isEqualTo(model.toAbsolutePath().toString());
        assertThat(Files.readString(checkpoint.resolve("args.json")))
                .isEqualTo(Files.readString(run.path().resolve("args.json")));
        assertThat(Json.read(Files.readAllBytes(checkpoint.resolve("args.json")), TrainingCommand.class))
                .as("with what the command left open")
                .isEqualTo(command("""
                                "num_train_epochs": 3, "save_steps": 4, "lora_rank": 4, "torch_dtype": "float32",
                                "max_tokens_per_pass": 4096, "max_length": 256, "eval_strategy": "steps", "eval_steps": 4
                                """));
        List<JsonNode> log = log(run);
        assertThat(log)
                .extracting(row -> row.path("global_step/max_steps").asText())
                .containsExactly("1/9", "3/9", "6/9", "9/9", "");
        assertThat(log.get(1).propertyStream().map(java.util.Map.Entry::getKey))
                .containsExactly(
                        "loss",
                        "grad_norm",
                        "learning_rate",
                        "token_acc",
                        "epoch",
                        "global_step/max_steps",
                        "percentage",
                        "elapsed_time",
                        "remaining_time",
                        "memory(GiB)",
                        "train_speed(s/it)");
        CheckpointEvent event = done.event().orElseThrow();
        assertThat(event.version()).isEqualTo("job@9");
        assertThat(Path.of(event.uri())).isEqualTo(checkpoint);
        assertThat(event.system()).isEmpty();
        assertThat(event.files())
                .allSatisfy(file -> assertThat(file.size()).isEqualTo(Files.size(checkpoint.resolve(file.name()))));
        assertThat(recorder.events(TrainingEvent.CheckpointSaved.class))
                .extracting(TrainingEvent.CheckpointSaved::step)
                .containsExactly(4, 8, 9);
    }

    @Test
    void anInterruptedRunEndsInTheSameAdapterAsAnUninterruptedOne() throws IOException {
        String settings = "\"num_train_epochs\": 4, \"save_steps\": 5, \"lora_dropout\": 0.1, \"warmup_ratio\": 0.1";
        var whole = RunFolder.create(folder.resolve("whole"));
        run(whole, settings);

        var parts = RunFolder.create(folder.resolve("parts"));
        for (int stopAfter : new int[] {3, 4}) {
            var control = new RunControl();
            recorder.stopAfter(stopAfter, control);
            assertThat(run(parts, settings, control)).isInstanceOf(RunResult.Interrupted.class);
        }
        // a crash loses what came after the last checkpoint
        DurableFiles.delete(parts.checkpoint(7));
        recorder.events.clear();
        run(parts, settings);

        assertThat(recorder.events(TrainingEvent.Started.class).getFirst().resumedFromStep())
                .isEqualTo(5);
        assertThat(parts.checkpoint(12).resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(whole.checkpoint(12).resolve("adapter_model.safetensors"));
        assertThat(losses(parts)).isEqualTo(losses(whole));
    }

    @Test
    void aCancelStopsAfterTheStepAndKeepsTheLastCheckpoint() throws IOException {
        var run = RunFolder.create(folder);
        var control = new RunControl();
        recorder.cancelAfter(4, control);

        var result = run(run, "\"max_steps\": 50, \"save_steps\": 3", control);

        assertThat(result).isEqualTo(new RunResult.Cancelled(4, Optional.of(run.checkpoint(3))));
        assertThat(run.checkpoints()).extracting(RunFolder.Checkpoint::step).containsExactly(3);
    }

    @Test
    void evaluatesAndKeepsTheBestAndTheLatestCheckpoint() throws IOException {
        var run = RunFolder.create(folder);

        run(run, """
                "max_steps": 100, "split_dataset_ratio": 0.2, "eval_steps": 10, "save_steps": 10, "save_total_limit": 2,
                "learning_rate": 0.05, "lr_scheduler_type": "constant"
                """);

        var evaluated = recorder.events(TrainingEvent.Evaluated.class);
        assertThat(evaluated)
                .extracting(TrainingEvent.Evaluated::step)
                .containsExactly(10, 20, 30, 40, 50, 60, 70, 80, 90, 100);
        int best = evaluated.stream()
                .min(java.util.Comparator.comparingDouble(TrainingEvent.Evaluated::evalLoss))
                .orElseThrow()
                .step();
        assertThat(best).as("the rate is high enough to overfit").isLessThan(90);
        assertThat(run.checkpoints()).extracting(RunFolder.Checkpoint::step).containsExactly(best, 100);
    }

    @Test
    void stopsEarlyWhenTheEvaluationGetsNoBetter() throws IOException {
        var done = (RunResult.Finished) run(RunFolder.create(folder), """
                "max_steps": 300, "split_dataset_ratio": 0.2, "eval_steps": 2, "early_stop_interval": 3,
                "learning_rate": 0.05, "lr_scheduler_type": "constant"
                """);

        assertThat(done.summary().globalStep()).isLessThan(300);
        var losses = recorder.events(TrainingEvent.Evaluated.class).stream()
                .map(TrainingEvent.Evaluated::evalLoss)
                .toList();
        double best = losses.get(losses.size() - 4);
        assertThat(losses.subList(losses.size() - 3, losses.size())).allMatch(loss -> loss >= best);
        assertThat(done.checkpoint()).isDirectory();
    }

    @Test
    void saysWhichRowsAreTooLong() throws IOException {
        Files.writeString(
                shared.resolve("long.json"),
                "[{\"query\": \"q\", \"response\": \"a\"},\n{\"query\": \"q\", \"response\": \"%s\"}]"
                        .formatted("x".repeat(100)));

        run(RunFolder.create(folder), "\"dataset\": [\"long.json\"], \"max_steps\": 1, \"max_length\": 60");

        assertThat(recorder.warnings)
                .singleElement()
                .asString()
                .contains("1 rows dropped")
                .contains("long.json:2");
        assertThat(recorder.events(TrainingEvent.Started.class).getFirst())
                .extracting(TrainingEvent.Started::rowsKept, TrainingEvent.Started::rowsDropped)
                .containsExactly(1, 1);
        assertThatThrownBy(() -> run(
                        RunFolder.create(folder),
                        "\"dataset\": [\"long.json\"], \"max_length\": 60, \"truncation_strategy\": \"raise\""))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("long.json:2: has");
        assertThatThrownBy(() -> run(RunFolder.create(folder), "\"max_length\": 5"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no row is left to train on");
    }

    @Test
    void continuesFromANamedCheckpointAndRefusesOneThatDoesNotFit() throws IOException {
        var first = RunFolder.create(folder);
        run(first, "\"max_steps\": 4");
        String resume = ", \"resume_from_checkpoint\": \"%s\"".formatted(first.checkpoint(4));
        recorder.events.clear();

        run(RunFolder.create(folder), "\"max_steps\": 6" + resume);
        assertThat(recorder.events(TrainingEvent.Started.class).getFirst().resumedFromStep())
                .isEqualTo(4);
        assertThat(recorder.steps()).isEqualTo(4 + 2);

        assertThatThrownBy(() -> run(RunFolder.create(folder), "\"max_steps\": 4" + resume))
                .hasMessageContaining("nothing would be trained");
        assertThatThrownBy(
                        () -> run(RunFolder.create(folder), "\"max_steps\": 6, \"dataset\": [\"d.json#3\"]" + resume))
                .hasMessageContaining("it was trained on other data (5 rows, now 3)");
    }

    @Test
    void trainsEveryWeightAndWritesAModel() throws IOException {
        var run = RunFolder.create(folder);

        var done =
                (RunResult.Finished) run(run, "\"train_type\": \"full\", \"max_steps\": 2, \"learning_rate\": 0.001");

        assertThat(done.event()).isEmpty();
        try (ModelCheckpoint base = ModelCheckpoint.open(model);
                ModelCheckpoint trained = ModelCheckpoint.open(done.checkpoint())) {
            assertThat(trained.fingerprint()).isNotEqualTo(base.fingerprint());
        }
        assertThat(done.checkpoint().resolve("tokenizer.json")).hasSameBinaryContentAs(model.resolve("tokenizer.json"));
    }

    @Test
    void refusesWhatItWouldNotDo() {
        assertThatThrownBy(() -> run(RunFolder.create(folder), "\"early_stop_interval\": 2"))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("early_stop_interval: there is nothing to evaluate");
        assertThatThrownBy(() -> run(
                        RunFolder.create(folder),
                        "\"early_stop_interval\": 2, \"split_dataset_ratio\": 0.2, \"eval_strategy\": \"no\""))
                .hasMessageContaining("early_stop_interval: eval_strategy is no");
        assertThatThrownBy(() -> run(RunFolder.create(folder), "\"max_steps\": 2, \"warmup_steps\": 3"))
                .hasMessageContaining("warmup_steps: is 3, and the run has 2 steps in all");
        assertThatThrownBy(() -> run(RunFolder.create(folder), "\"train_type\": \"full\", \"promote\": \"always\""))
                .hasMessageContaining("promote: train_type full makes a model and no adapter");
    }

    @Test
    void runsFromTheCommandLine() throws IOException {
        Path job = folder.resolve("job.json");
        Files.writeString(job, Runs.json("\"max_steps\": 2"));
        var out = new java.io.ByteArrayOutputStream();
        var err = new java.io.ByteArrayOutputStream();

        int exit = TrainMain.run(
                new String[] {
                    job.toString(),
                    "--out",
                    folder.resolve("out").toString(),
                    "--model",
                    model.toString(),
                    "--data",
                    shared.toString()
                },
                new RunControl(),
                new java.io.PrintStream(out, true, StandardCharsets.UTF_8),
                new java.io.PrintStream(err, true, StandardCharsets.UTF_8));

        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(exit).isZero();
        String last = out.toString(StandardCharsets.UTF_8).lines().toList().getLast();
        assertThat(Path.of(last).resolve("adapter_model.safetensors")).isNotEmptyFile();
        assertThat(TrainMain.run(
                        new String[] {job.toString()}, new RunControl(), System.out, new java.io.PrintStream(err)))
                .isEqualTo(2);
    }

    private RunResult run(RunFolder run, String settings) throws IOException {
        return run(run, settings, new RunControl());
    }

    private RunResult run(RunFolder run, String settings, RunControl control) throws IOException {
        return runs.run(run, settings, control, recorder);
    }

    private static TrainCommand command(String settings) {
        return Runs.command(settings);
    }

    private static List<JsonNode> log(RunFolder run) throws IOException {
        return Files.readAllLines(run.path().resolve("logging.jsonl")).stream()
                .map(line -> Json.parse(line.getBytes(StandardCharsets.UTF_8), "row"))
                .toList();
    }

    private static List<Double> losses(RunFolder run) throws IOException {
        return log(run).stream()
                .filter(row -> row.has("loss"))
                .map(row -> row.get("loss").asDouble())
                .toList();
    }
}
