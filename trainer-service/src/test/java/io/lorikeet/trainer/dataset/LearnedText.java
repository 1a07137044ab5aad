package io.lorikeet.trainer.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.engine.tokenizer.ChatTemplate;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.trainer.TinyModel;
import io.lorikeet.trainer.files.Root;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Rows on their way to labels, read back as text. */
final class LearnedText {
    private final Path folder;
    private final Path model;
    final List<Dropped> dropped = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    /** What the last text was made of. */
    final List<TrainingExample> examples = new ArrayList<>();

    LearnedText(Path folder) throws IOException {
        this.folder = folder;
        this.model = TinyModel.write(folder.resolve("model"));
    }

    /** With a template of the model's own in the place of ChatML. */
    LearnedText with(String chatTemplate) throws IOException {
        Path config = model.resolve("tokenizer_config.json");
        Files.writeString(
                config,
                ((ObjectNode) json(Files.readString(config)))
                        .put("chat_template", chatTemplate)
                        .toString());
        return this;
    }

    /** A command's rows, each as a model would read it, with what it learns between « and ». */
    List<String> of(byte[] json) {
        var command = (TrainCommand) TrainingCommand.parse(json);
        var settings = command.settings().data();
        var request = new DatasetLoader.Request(
                command.dataset(),
                command.rows(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                settings.strict(),
                settings.columns());
        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model);
                RowCache.Draft draft = RowCache.none().draft(folder);
                var tokenising = new Tokenising(new ConversationEncoder(tokenizer, settings, 10_000), 1, draft)) {
            DatasetLoader.Read data = new DatasetLoader(Root.anywhere(folder), () -> {}).read(request, tokenising::add);
            dropped.addAll(data.dropped());
            warnings.addAll(data.warnings());
            examples.clear();
            examples.addAll(tokenising.finish().select(data.choose(0, 42).train(), dropped));
            return examples.stream().map(example -> marked(example, tokenizer)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One row without a system prompt. */
    String ofRow(String row, String settings) {
        return of("""
                {"type": "train", "job_id": "j", "adapter": "a", "system": "", "rows": [%s]%s}
                """.formatted(row, settings).getBytes(UTF_8)).getFirst();
    }

    static JsonNode json(String text) throws IOException {
        return JsonRows.MAPPER.readTree(text);
    }

    private static String marked(TrainingExample example, Qwen2Tokenizer tokenizer) {
        int[] labels = example.labels();
        var text = new StringBuilder();
        int from = 0;
        for (int i = 1; i <= labels.length; i++) {
            boolean learned = labels[from] != ChatTemplate.IGNORED_LABEL;
            if (i == labels.length || (labels[i] != ChatTemplate.IGNORED_LABEL) != learned) {
                String part = tokenizer.decode(Arrays.copyOfRange(example.inputIds(), from, i));
                text.append(learned ? "«" + part + "»" : part);
                from = i;
            }
        }
        return text.toString();
    }
}
