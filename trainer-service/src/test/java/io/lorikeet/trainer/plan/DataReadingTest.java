package io.lorikeet.trainer.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.trainer.TinyModel;
import io.lorikeet.trainer.dataset.RowCache;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataReadingTest {
    private static final String QUESTIONS =
            ", \"acceptance\": [{\"question\": \"q\", \"must_contain\": [\"a3\", \"z\"], \"must_not_contain\": [\"b\"]}]";

    @TempDir
    Path folder;

    private Path model;
    private RowCache cache;

    @BeforeEach
    void write() throws IOException {
        model = TinyModel.write(folder.resolve("model"));
        cache = RowCache.in(folder.resolve("kept"), 1_000_000, 1);
        Files.writeString(folder.resolve("d.json"), """
                [{"query": "q1", "response": "a1", "id": 7}, {"query": "q2"}, {"query": "q3", "response": "a3 b"},
                 {"messages": [{"role": "user", "content": "q4"}, {"role": "assistant", "content": "a4", "weight": 0.5}]},
                 {"query": "too long for it, %s", "response": "a5"}]
                """.formatted("x".repeat(200)));
        Files.writeString(folder.resolve("v.json"), "[{\"query\": \"v\", \"response\": \"w\"}]");
    }

    @Test
    void aLaterRunFindsAllThatTheFirstOneRead() throws IOException {
        String settings = ", \"val_dataset\": [\"v.json\"]" + QUESTIONS;
        TrainingData first = load(settings);
        assertThat(entries()).isEqualTo(1);

        TrainingData second = load(settings);

        assertThat(entries()).isEqualTo(1);
        assertSame(second, first);
        assertThat(first.train()).hasSize(3);
        assertThat(first.validation()).hasSize(1);
        assertThat(first.dropped()).extracting(row -> row.source().toString()).containsExactly("d.json:1", "d.json:3");
        assertThat(first.forbiddenWords()).hasSize(1);
        assertThat(first.warnings())
                .anyMatch(line -> line.contains("must contain 'z'"))
                .noneMatch(line -> line.contains("'a3'"));
        assertSame(first, load(settings, RowCache.none()));
    }

    /** What does not change the tokens is chosen again from the same rows. */
    @Test
    void otherChoicesAreMadeFromTheSameRows() throws IOException {
        TrainingData first = load("");
        for (String settings : List.of(
                ", \"data_seed\": 7",
                ", \"split_dataset_ratio\": 0.4",
                ", \"dataloader_num_workers\": 3",
                ", \"num_train_epochs\": 2")) {
            load(settings);
            assertThat(entries()).as(settings).isEqualTo(1);
        }
        assertThat(load(", \"data_seed\": 7").sha256()).isNotEqualTo(first.sha256());
        assertThat(load("").sha256()).isEqualTo(first.sha256());
    }

    @Test
    void whateverChangesTheTokensIsReadAgain() throws IOException {
        load("");
        int expected = 1;
        for (String settings : List.of(
                ", \"system\": \"s\"",
                ", \"max_length\": 100",
                ", \"truncation_strategy\": \"right\"",
                ", \"loss_scale\": \"last_round\"",
                ", \"columns\": {\"id\": \"\"}",
                ", \"model_name\": \"n\"",
                ", \"dataset\": [\"d.json#2\"]",
                ", \"rows\": [{\"query\": \"q\", \"response\": \"a\"}]",
                ", \"val_dataset\": [\"v.json\"]",
                QUESTIONS)) {
            load(settings);
            assertThat(entries()).as(settings).isEqualTo(++expected);
        }
        Files.writeString(folder.resolve("d.json"), Files.readString(folder.resolve("d.json")) + "\n");
        load("");
        assertThat(entries()).as("the file").isEqualTo(++expected);
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
                        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}");
        load("");
        assertThat(entries()).as("the model's template").isEqualTo(++expected);
    }

    /**
     * The tokens, labels and weights of these rows. If another digest is right now, raise {@link DataKey#FORMAT}: kept rows of
     * earlier versions must not be found any more.
     */
    @Test
    void theSameRowsGiveTheSameTokensAsInEarlierVersions() throws IOException {
        assertThat(DataKey.FORMAT).isEqualTo(1);
        assertThat(data("", cache).facts().sha256())
                .isEqualTo("2f39d464955d273c9e78a4b174120f3a089c28ceca6823c3fd76aa3f341faa8a");
    }

    private static void assertSame(TrainingData one, TrainingData other) {
        assertThat(one.sha256()).isEqualTo(other.sha256());
        assertThat(one.train()).usingRecursiveFieldByFieldElementComparator().isEqualTo(List.copyOf(other.train()));
        assertThat(one.validation())
                .usingRecursiveFieldByFieldElementComparator()
                .isEqualTo(List.copyOf(other.validation()));
        assertThat(one.dropped()).isEqualTo(other.dropped());
        assertThat(one.forbiddenWords()).isEqualTo(other.forbiddenWords());
        assertThat(one.files()).isEqualTo(other.files());
        assertThat(one.warnings()).isEqualTo(other.warnings());
    }

    private TrainingData load(String settings) throws IOException {
        return load(settings, cache);
    }

    private TrainingData load(String settings, RowCache kept) throws IOException {
        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            return TrainingData.load(setup(settings, kept), tokenizer, 150, () -> {});
        }
    }

    private TokenisedData data(String settings, RowCache kept) throws IOException {
        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            return new DataReading(setup(settings, kept), tokenizer, 150, () -> {}).data();
        }
    }

    private RunSetup setup(String settings, RowCache kept) {
        String dataset = settings.contains("\"dataset\"") ? "" : ", \"dataset\": [\"d.json\"]";
        var command = (TrainCommand) TrainingCommand.parse(
                ("{\"type\": \"train\", \"job_id\": \"j\", \"adapter\": \"a\"" + dataset + settings + "}")
                        .getBytes(UTF_8));
        return new RunSetup(
                command,
                "tiny",
                model,
                Roots.anywhere(folder, folder),
                "cpu",
                Optional.empty(),
                RunFolder.unwritten(folder.resolve("run")),
                kept,
                Sharing.OFF);
    }

    private int entries() throws IOException {
        try (var entries = Files.list(folder.resolve("kept"))) {
            return (int) entries.count();
        }
    }
}
