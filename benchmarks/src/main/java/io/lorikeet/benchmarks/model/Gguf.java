package io.lorikeet.benchmarks.model;

import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.gguf.GgufModel;
import io.lorikeet.engine.gguf.GgufVocabulary;
import io.lorikeet.engine.gguf.GgufWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** The same random model and adapters as files for llama.cpp. */
public final class Gguf {
    private Gguf() {}

    /**
     * Writes a bfloat16 model that {@link RandomModel} made.
     *
     * @param type of the matrices, bfloat16 if not given; biases and norms are float32
     */
    public static void write(Path model, Path file, Optional<GgufWriter.Type> type) {
        try (var checkpoint = ModelCheckpoint.open(model)) {
            GgufModel.write(
                    checkpoint,
                    vocabulary(new WordVocabulary(checkpoint.config().vocabSize())),
                    file,
                    type);
        }
    }

    private static GgufVocabulary vocabulary(WordVocabulary words) {
        List<String> tokens = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        for (int id = 0; id < words.size(); id++) {
            tokens.add(words.spelling(id));
            types.add(id < words.firstControlToken() ? GgufVocabulary.NORMAL : GgufVocabulary.CONTROL);
        }
        // one that never applies: a list without any is refused
        List<String> merges = List.of(words.spelling(0) + " " + words.spelling(0));
        return new GgufVocabulary(
                tokens, types, merges, words.size() - 1, Optional.of(words.firstControlToken() + 1), Optional.empty());
    }

    /** Writes an adapter in float32, as llama.cpp's converter does. */
    public static void write(PeftAdapter adapter, Path file) {
        var writer = new GgufWriter()
                .with("general.type", "adapter")
                .with("general.architecture", "qwen2")
                .with("adapter.type", "lora")
                .with("adapter.lora.alpha", (float) adapter.config().loraAlpha());
        SortedMap<LoraTarget, LoraWeights> weights = adapter.weights();
        long r = adapter.config().r();
        weights.forEach((target, pair) -> {
            String name = "blk." + target.layer() + "." + GgufModel.module(target.module()) + ".weight";
            writer.tensor(
                    name + ".lora_a",
                    GgufWriter.Type.F32,
                    new long[] {r, pair.a().length / r},
                    () -> GgufModel.floats(pair.a()));
            writer.tensor(
                    name + ".lora_b",
                    GgufWriter.Type.F32,
                    new long[] {pair.b().length / r, r},
                    () -> GgufModel.floats(pair.b()));
        });
        writer.write(file);
    }
}
