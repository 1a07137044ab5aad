package io.lorikeet.engine.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * A byte-level tokenizer as llama.cpp wants it.
 *
 * @param tokens by id, spelled as in tokenizer.json
 * @param types of the tokens, by llama.cpp's numbers
 * @param merges two tokens each, with a blank between
 * @param chatTemplate in Jinja
 */
public record GgufVocabulary(
        List<String> tokens,
        List<Integer> types,
        List<String> merges,
        int eosTokenId,
        Optional<Integer> padTokenId,
        Optional<String> chatTemplate) {
    public static final int NORMAL = 1;
    public static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Reads the one that lies beside a model. */
    static GgufVocabulary read(ModelCheckpoint checkpoint) {
        Path directory = checkpoint.directory();
        JsonNode tokenizer = json(directory.resolve("tokenizer.json"));
        int size = checkpoint.config().vocabSize();
        // a matrix may have more rows than there are tokens
        List<String> tokens = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            tokens.add("[PAD" + id + "]");
        }
        List<Integer> types = new ArrayList<>(Collections.nCopies(size, UNUSED));
        tokenizer.at("/model/vocab").properties().forEach(entry -> {
            tokens.set(entry.getValue().asInt(), entry.getKey());
            types.set(entry.getValue().asInt(), NORMAL);
        });
        for (JsonNode added : tokenizer.path("added_tokens")) {
            tokens.set(added.path("id").asInt(), added.path("content").asText());
            types.set(added.path("id").asInt(), added.path("special").asBoolean() ? CONTROL : USER_DEFINED);
        }
        List<String> merges = StreamSupport.stream(tokenizer.at("/model/merges").spliterator(), false)
                .map(GgufVocabulary::merge)
                .toList();
        return new GgufVocabulary(
                tokens,
                types,
                merges,
                checkpoint.generationConfig().eosTokenIds().getFirst(),
                checkpoint.generationConfig().padTokenId(),
                template(directory));
    }

    /** Written as one text by older versions of tokenizers, as two by newer ones. */
    private static String merge(JsonNode merge) {
        return merge.isTextual()
                ? merge.asText()
                : merge.valueStream().map(JsonNode::asText).collect(Collectors.joining(" "));
    }

    private static Optional<String> template(Path directory) {
        Path file = directory.resolve("chat_template.jinja");
        try {
            if (Files.exists(file)) {
                return Optional.of(Files.readString(file));
            }
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
        Path config = directory.resolve("tokenizer_config.json");
        return Files.exists(config)
                ? Optional.ofNullable(json(config).path("chat_template").textValue())
                : Optional.empty();
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    void describe(GgufWriter writer) {
        writer.with("tokenizer.ggml.model", "gpt2")
                .with("tokenizer.ggml.pre", "qwen2")
                .withStrings("tokenizer.ggml.tokens", tokens)
                .withIntegers("tokenizer.ggml.token_type", types)
                .withStrings("tokenizer.ggml.merges", merges)
                .with("tokenizer.ggml.eos_token_id", eosTokenId)
                .with("tokenizer.ggml.add_bos_token", false);
        padTokenId.ifPresent(id -> writer.with("tokenizer.ggml.padding_token_id", id));
        chatTemplate.ifPresent(text -> writer.with("tokenizer.chat_template", text));
    }
}
