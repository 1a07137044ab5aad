package io.lorikeet.pretraining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.engine.checkpoint.InitialWeights;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.pretraining.BpeTrainer.Vocabulary;
import io.lorikeet.pretraining.Corpus.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code RECIPE_DIR OUT_DIR}: reads {@code corpus/} and {@code architecture.json} of a recipe and writes what a training of
 * every weight begins with: {@code start/}, a whole model with a tokenizer made for the corpus and random weights, and
 * {@code conversations.jsonl}, the rows. The same recipe gives the same bytes.
 */
public final class PrepareMain {
    private static final long SEED = 42;

    /** A rarer pair of neighbours is no token, and every token must stand by itself as often. */
    private static final int LEAST_COUNT = 6;

    /** Four Chinese characters. */
    private static final int MOST_BYTES = 12;

    private PrepareMain() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: RECIPE_DIR OUT_DIR");
            System.exit(2);
        }
        Path recipe = Path.of(arguments[0]);
        Path out = Path.of(arguments[1]);
        Corpus corpus = Corpus.read(recipe.resolve("corpus"));
        ObjectNode config = (ObjectNode) Json.parse(
                Files.readAllBytes(recipe.resolve("architecture.json")),
                recipe.resolve("architecture.json").toString());
        List<ObjectNode> conversations = Conversations.of(corpus, SEED);

        Path start = Files.createDirectories(out.resolve("start"));
        Vocabulary vocabulary = vocabulary(corpus, config.path("vocab_size").asInt() - TokenizerFiles.ADDED.size());
        config.put("vocab_size", vocabulary.tokens().size() + TokenizerFiles.ADDED.size());
        writeModel(start, config, vocabulary);
        Files.writeString(
                out.resolve("conversations.jsonl"),
                conversations.stream()
                        .map(row -> new String(Json.write(row), StandardCharsets.UTF_8) + "\n")
                        .collect(Collectors.joining()));
        System.out.printf(
                "%d questions, %d answers, %d conversations, %d tokens in the vocabulary%n",
                corpus.rows().size(),
                corpus.rows().stream().map(Row::response).distinct().count(),
                conversations.size(),
                vocabulary.tokens().size());
    }

    private static Vocabulary vocabulary(Corpus corpus, int size) {
        var trainer = new BpeTrainer();
        for (Row row : corpus.rows()) {
            trainer.add(row.query(), 1);
            trainer.add(row.response(), 1);
        }
        for (ObjectNode conversation : corpus.conversations()) {
            for (JsonNode message : conversation.path("messages")) {
                trainer.add(message.path("content").asText(), 1);
                message.path("tool_calls")
                        .forEach(call -> trainer.add(
                                call.path("function").path("arguments").toString(), 1));
            }
            conversation.path("tools").forEach(tool -> trainer.add(tool.toString(), 1));
        }
        // what stands in every conversation is worth tokens of its own
        for (String piece : List.of("system\n" + TokenizerFiles.DEFAULT_SYSTEM, "user\n", "assistant\n")) {
            trainer.add(piece, corpus.rows().size());
        }
        return trainer.train(size, LEAST_COUNT, MOST_BYTES);
    }

    private static void writeModel(Path start, ObjectNode config, Vocabulary vocabulary) throws IOException {
        int end = TokenizerFiles.id(Qwen2Tokenizer.IM_END, vocabulary);
        int pad = TokenizerFiles.id(Qwen2Tokenizer.END_OF_TEXT, vocabulary);
        TokenizerFiles.write(
                start, vocabulary, config.path("max_position_embeddings").asInt());
        Files.write(
                start.resolve("config.json"),
                Json.write(config.put("bos_token_id", pad).put("eos_token_id", end)));
        ObjectNode generation = Json.mapper().createObjectNode();
        generation.put("bos_token_id", pad).put("pad_token_id", pad).put("do_sample", false);
        generation.putArray("eos_token_id").add(end).add(pad);
        Files.write(start.resolve("generation_config.json"), Json.write(generation));
        InitialWeights.write(start, SEED);
    }
}
