package io.lorikeet.benchmarks.model;

import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** The same model and adapters as files for llama.cpp, with its names. */
public final class Gguf {
    private static final int ALL_F32 = 0;
    private static final int MOSTLY_BF16 = 32;
    private static final int NORMAL_TOKEN = 1;
    private static final int CONTROL_TOKEN = 3;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final Map<LinearModule, String> MODULES = Map.of(
            LinearModule.Q_PROJ, "attn_q",
            LinearModule.K_PROJ, "attn_k",
            LinearModule.V_PROJ, "attn_v",
            LinearModule.O_PROJ, "attn_output",
            LinearModule.GATE_PROJ, "ffn_gate",
            LinearModule.UP_PROJ, "ffn_up",
            LinearModule.DOWN_PROJ, "ffn_down");

    private Gguf() {}

    /**
     * Writes a bfloat16 model that {@link RandomModel} made, bit for bit.
     *
     * @param float32 whether the matrices are widened to float32; biases and norms always are
     */
    public static void write(Path model, Path file, boolean float32) {
        try (var checkpoint = ModelCheckpoint.open(model)) {
            ModelConfig config = checkpoint.config();
            var vocabulary = new WordVocabulary(config.vocabSize());
            var writer = new GgufWriter()
                    .with("general.architecture", "qwen2")
                    .with("general.name", model.getFileName().toString())
                    .with("general.file_type", float32 ? ALL_F32 : MOSTLY_BF16)
                    .with("qwen2.context_length", config.maxPositionEmbeddings())
                    .with("qwen2.embedding_length", config.hiddenSize())
                    .with("qwen2.block_count", config.numHiddenLayers())
                    .with("qwen2.feed_forward_length", config.intermediateSize())
                    .with("qwen2.attention.head_count", config.numAttentionHeads())
                    .with("qwen2.attention.head_count_kv", config.numKeyValueHeads())
                    .with("qwen2.rope.freq_base", (float) config.ropeTheta())
                    .with("qwen2.attention.layer_norm_rms_epsilon", (float) config.rmsNormEps());
            describe(writer, vocabulary);
            for (var tensor : checkpoint.tensors().entrySet()) {
                TensorSlice slice = tensor.getValue();
                boolean widen = float32 || slice.shape().length == 1;
                writer.tensor(
                        name(tensor.getKey()),
                        widen ? GgufWriter.Type.F32 : GgufWriter.Type.BF16,
                        slice.shape(),
                        widen ? widen(slice.bytes()) : slice.bytes());
            }
            writer.write(file);
        }
    }

    private static void describe(GgufWriter writer, WordVocabulary vocabulary) {
        List<String> tokens = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        for (int id = 0; id < vocabulary.size(); id++) {
            tokens.add(vocabulary.spelling(id));
            types.add(id < vocabulary.firstControlToken() ? NORMAL_TOKEN : CONTROL_TOKEN);
        }
        writer.with("tokenizer.ggml.model", "gpt2")
                .with("tokenizer.ggml.pre", "qwen2")
                .withStrings("tokenizer.ggml.tokens", tokens)
                .withIntegers("tokenizer.ggml.token_type", types)
                // one that never applies: a list without any is refused
                .withStrings("tokenizer.ggml.merges", List.of(vocabulary.spelling(0) + " " + vocabulary.spelling(0)))
                .with("tokenizer.ggml.eos_token_id", vocabulary.size() - 1)
                .with("tokenizer.ggml.padding_token_id", vocabulary.firstControlToken() + 1)
                .with("tokenizer.ggml.add_bos_token", false);
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
            String name = "blk." + target.layer() + "." + MODULES.get(target.module()) + ".weight";
            writer.tensor(name + ".lora_a", GgufWriter.Type.F32, new long[] {r, pair.a().length / r}, floats(pair.a()));
            writer.tensor(name + ".lora_b", GgufWriter.Type.F32, new long[] {pair.b().length / r, r}, floats(pair.b()));
        });
        writer.write(file);
    }

    /** {@code model.layers.3.self_attn.q_proj.weight} is {@code blk.3.attn_q.weight}. */
    private static String name(String huggingFace) {
        switch (huggingFace) {
            case "model.embed_tokens.weight" -> {
                return "token_embd.weight";
            }
            case "model.norm.weight" -> {
                return "output_norm.weight";
            }
            case "lm_head.weight" -> {
                return "output.weight";
            }
            default -> {} // a layer's
        }
        String[] parts = huggingFace.split("\\.", -1);
        String block = "blk." + parts[2] + ".";
        String kind = parts[parts.length - 1];
        return switch (parts[3]) {
            case "input_layernorm" -> block + "attn_norm." + kind;
            case "post_attention_layernorm" -> block + "ffn_norm." + kind;
            default ->
                block
                        + MODULES.get(LinearModule.ofName(parts[4])
                                .orElseThrow(() -> new IllegalArgumentException("no tensor of Qwen2: " + huggingFace)))
                        + "." + kind;
        };
    }

    private static MemorySegment widen(MemorySegment bf16) {
        long elements = bf16.byteSize() / RandomWeights.BF16.byteSize();
        MemorySegment wide = Arena.ofAuto().allocate(elements * Float.BYTES, Float.BYTES);
        for (long i = 0; i < elements; i++) {
            wide.setAtIndex(F32, i, Float.intBitsToFloat(bf16.getAtIndex(RandomWeights.BF16, i) << Short.SIZE));
        }
        return wide;
    }

    private static MemorySegment floats(float[] values) {
        MemorySegment bytes = Arena.ofAuto().allocate((long) values.length * Float.BYTES, Float.BYTES);
        for (int i = 0; i < values.length; i++) {
            bytes.setAtIndex(F32, i, values[i]);
        }
        return bytes;
    }
}
