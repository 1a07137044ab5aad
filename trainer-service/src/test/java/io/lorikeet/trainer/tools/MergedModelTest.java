package io.lorikeet.trainer.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.engine.training.TrainingSession;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.run.RunControl;
import io.lorikeet.trainer.run.RunResult;
import io.lorikeet.trainer.run.Runs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergedModelTest {
    private static final List<Conversation> QUESTIONS = List.of(
            ask("who"), ask("what"), ask("where"), ask("when"), ask("why"), ask("how"), ask("which"), ask("whose"));

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Runs runs;
    private static Path adapter;

    @BeforeAll
    static void train() throws IOException {
        runs = new Runs(shared);
        var done = (RunResult.Finished) runs.run(
                RunFolder.create(shared.resolve("out")),
                "\"max_steps\": 150, \"lora_dropout\": 0, \"lora_rank\": 16",
                new RunControl(),
                new Runs.Recorder());
        adapter = done.checkpoint();
    }

    @Test
    void theMergedModelAnswersAsTheBaseWithTheAdapter() {
        Path merged = folder.resolve("merged");

        assertThat(merge("--out", merged.toString())).isEqualTo("0 " + merged + "\n");

        List<String> withAdapter;
        try (TrainingSession session = session(runs.model());
                ModelCheckpoint base = ModelCheckpoint.open(runs.model())) {
            session.loadAdapter(PeftAdapter.read(adapter, base.config()));
            withAdapter = session.answer(QUESTIONS, 40);
        }
        try (TrainingSession session = session(merged)) {
            // B is zero: the merged model alone answers
            assertThat(session.answer(QUESTIONS, 40)).isEqualTo(withAdapter);
        }
        assertThat(withAdapter).as("it has learned something").contains("a bird", "at dawn");
        try (TrainingSession session = session(runs.model())) {
            assertThat(session.answer(QUESTIONS, 40)).as("and the base had not").isNotEqualTo(withAdapter);
        }
    }

    @Test
    void anAdapterOfAQuantisedBaseIsMergedIntoWhatThatStandsFor() throws IOException {
        var done = (RunResult.Finished) runs.run(
                RunFolder.create(shared.resolve("out")),
                "\"max_steps\": 100, \"lora_dropout\": 0, \"lora_rank\": 16, \"quant_method\": \"bnb\"",
                new RunControl(),
                new Runs.Recorder());
        Path merged = folder.resolve("merged");

        String said =
                merge("--out", merged.toString(), "--adapter", done.checkpoint().toString());

        assertThat(said)
                .startsWith("0 The adapter was trained over weights in nf4")
                .endsWith(merged + "\n");
        List<String> withAdapter;
        try (TrainingSession session = session(runs.model(), Quantization.NF4);
                ModelCheckpoint base = ModelCheckpoint.open(runs.model())) {
            session.loadAdapter(PeftAdapter.read(done.checkpoint(), base.config()));
            withAdapter = session.answer(QUESTIONS, 40);
        }
        try (TrainingSession session = session(merged);
                ModelCheckpoint model = ModelCheckpoint.open(merged)) {
            assertThat(session.answer(QUESTIONS, 40)).isEqualTo(withAdapter);
            assertThat(model.tensors().values()).allMatch(tensor -> tensor.dtype() == DType.BF16);
        }
        assertThat(withAdapter).as("it has learned something").contains("a bird");
    }

    @Test
    void isAModelDirectoryLikeAnyOther() throws IOException {
        Path merged = folder.resolve("merged");
        merge("--out", merged.toString(), "--dtype", "bfloat16");

        try (ModelCheckpoint model = ModelCheckpoint.open(merged);
                ModelCheckpoint base = ModelCheckpoint.open(runs.model())) {
            assertThat(model.config().dtype()).isEqualTo(DType.BF16);
            assertThat(model.tensors().keySet()).isEqualTo(base.tensors().keySet());
            assertThat(model.tensors().values()).allMatch(tensor -> tensor.dtype() == DType.BF16);
            assertThat(model.fingerprint()).isNotEqualTo(base.fingerprint());
        }
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            assertThat(merged.resolve(file)).hasSameBinaryContentAs(runs.model().resolve(file));
        }
    }

    @Test
    void writesAllOrNothing() throws IOException {
        Path there = Files.createDirectory(folder.resolve("there"));

        assertThat(merge("--out", there.toString())).startsWith("1 --out: ").contains("is there already");
        assertThat(merge(
                        "--out",
                        folder.resolve("none").toString(),
                        "--adapter",
                        runs.model().toString()))
                .contains("is a whole model; expected an adapter's folder");
        assertThat(merge("--out", folder.resolve("none").toString(), "--dtype", "int4"))
                .startsWith("2 usage: ");
        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactly(there);
        }
    }

    private static String merge(String... more) {
        List<String> arguments =
                new java.util.ArrayList<>(List.of("--model", runs.model().toString(), "--adapter", adapter.toString()));
        arguments.addAll(List.of(more));
        var out = new ByteArrayOutputStream();
        var print = new PrintStream(out, true, StandardCharsets.UTF_8);
        int exit = MergeMain.run(arguments.toArray(String[]::new), print, print);
        return exit + " " + out.toString(StandardCharsets.UTF_8);
    }

    private static TrainingSession session(Path model) {
        return session(model, Quantization.NONE);
    }

    private static TrainingSession session(Path model, Quantization quantization) {
        var options = new TrainingOptions(
                model,
                List.of(Device.CPU),
                DType.F32,
                DType.F32,
                Optional.of(new LoraConfig(16, 32, 0, LoraConfig.allLinear(), false)),
                new AdamW(0.9, 0.95, 1e-8, 0.1),
                1,
                42,
                4096,
                false);
        return TrainingSession.start(options.with(quantization));
    }

    private static Conversation ask(String question) {
        return Conversation.of(List.of(ChatMessage.user(question))).withSystem("");
    }
}
