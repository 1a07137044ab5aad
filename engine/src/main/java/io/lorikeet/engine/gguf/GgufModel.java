package io.lorikeet.engine.gguf;

import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.Architecture;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.RopeScaling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A checkpoint directory as one file for llama.cpp: the same weights under its names, with the tokenizer. */
public final class GgufModel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final Map<LinearModule, String> MODULES = Map.of(
            LinearModule.Q_PROJ, "attn_q",
            LinearModule.K_PROJ, "attn_k",
            LinearModule.V_PROJ, "attn_v",
            LinearModule.O_PROJ, "attn_output",
            LinearModule.GATE_PROJ, "ffn_gate",
            LinearModule.UP_PROJ, "ffn_up",
            LinearModule.DOWN_PROJ, "ffn_down");

    /** What the names of the layers' tensors begin with. */
    private static final String LAYERS = "model.layers.";

    private GgufModel() {}

    /**
     * Writes a model with its own tokenizer.
     *
     * @param type of the matrices, as they are if not given; where a row is no whole number of blocks they stay as they are, and
     *     with {@code Q4_0} those around the layers are {@code Q8_0}, as llama.cpp has them. Biases and norms are float32
     */
    public static void write(Path model, Path file, Optional<GgufWriter.Type> type) {
        try (var checkpoint = ModelCheckpoint.open(model)) {
            write(checkpoint, GgufVocabulary.read(checkpoint), file, type);
        }
    }

    /** The same with a vocabulary that is no file. */
    public static void write(
            ModelCheckpoint checkpoint, GgufVocabulary vocabulary, Path file, Optional<GgufWriter.Type> type) {
        ModelConfig config = checkpoint.config();
        refuseWhatIsNamedOtherwise(config);
        var writer = new GgufWriter();
        describe(writer, config, checkpoint.directory().getFileName().toString());
        vocabulary.describe(writer);
        GgufWriter.Type matrices = GgufWriter.Type.F32;
        for (var tensor : checkpoint.tensors().entrySet()) {
            TensorSlice slice = tensor.getValue();
            boolean matrix = slice.shape().length > 1;
            GgufWriter.Type stored = stored(slice);
            GgufWriter.Type wanted =
                    matrix ? type.filter(t -> t.fits(slice.shape())).orElse(stored) : GgufWriter.Type.F32;
            if (wanted == GgufWriter.Type.Q4_0 && !tensor.getKey().startsWith(LAYERS)) {
                wanted = GgufWriter.Type.Q8_0;
            } else if (matrix) {
                matrices = wanted;
            }
            writer.tensor(
                    name(tensor.getKey()),
                    wanted,
                    slice.shape(),
                    wanted == stored ? slice::bytes : converted(slice, wanted));
        }
        writer.with("general.file_type", matrices.fileType());
        writer.write(file);
    }

    private static Supplier<MemorySegment> converted(TensorSlice slice, GgufWriter.Type type) {
        return switch (type) {
            case F32 -> () -> floats(slice.toFloats());
            case Q4_0 -> () -> Q4Blocks.of(slice.toFloats());
            case Q8_0 -> () -> Q8Blocks.of(slice.toFloats());
            case F16, BF16 ->
                throw new CheckpointException(slice + ": a GGUF of it is f32, q8_0 or as it is, found " + type);
        };
    }

    /** Llama and Mistral have the rows of q_proj and k_proj in another order there; stretched frequencies have other keys. */
    private static void refuseWhatIsNamedOtherwise(ModelConfig config) {
        boolean known = config.architecture() == Architecture.QWEN2 || config.architecture() == Architecture.QWEN3;
        if (!known || !(config.ropeScaling() instanceof RopeScaling.None)) {
            throw new CheckpointException(
                    "GGUF is written of Qwen2 and Qwen3 without rope_scaling; this is %s, %s. llama.cpp's convert_hf_to_gguf.py converts the folder"
                            .formatted(config.architecture().modelType(), config.ropeScaling()));
        }
    }

    private static void describe(GgufWriter writer, ModelConfig config, String name) {
        String kind = config.architecture().modelType();
        writer.with("general.architecture", kind)
                .with("general.name", name)
                .with(kind + ".context_length", config.maxPositionEmbeddings())
                .with(kind + ".embedding_length", config.hiddenSize())
                .with(kind + ".block_count", config.numHiddenLayers())
                .with(kind + ".feed_forward_length", config.intermediateSize())
                .with(kind + ".attention.head_count", config.numAttentionHeads())
                .with(kind + ".attention.head_count_kv", config.numKeyValueHeads())
                .with(kind + ".attention.key_length", config.headDim())
                .with(kind + ".attention.value_length", config.headDim())
                .with(kind + ".rope.freq_base", (float) config.ropeTheta())
                .with(kind + ".attention.layer_norm_rms_epsilon", (float) config.rmsNormEps());
    }

    /** {@code attn_q} of {@code q_proj}. */
    public static String module(LinearModule module) {
        return MODULES.get(module);
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
        String part = parts[3].endsWith("layernorm") ? parts[3] : parts[4];
        return block
                + switch (part) {
                    case "input_layernorm" -> "attn_norm";
                    case "post_attention_layernorm" -> "ffn_norm";
                    case "q_norm" -> "attn_q_norm";
                    case "k_norm" -> "attn_k_norm";
                    default ->
                        LinearModule.ofName(part)
                                .map(GgufModel::module)
                                .orElseThrow(() -> new CheckpointException("no name in GGUF for " + huggingFace));
                }
                + "." + kind;
    }

    private static GgufWriter.Type stored(TensorSlice slice) {
        return switch (slice.dtype()) {
            case F32 -> GgufWriter.Type.F32;
            case F16 -> GgufWriter.Type.F16;
            case BF16 -> GgufWriter.Type.BF16;
            case BOOL, U8, I8, I16, I32, I64, F64 -> throw new CheckpointException(slice + " is no weight");
        };
    }

    /** float32, little-endian. */
    public static MemorySegment floats(float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, Float.BYTES)]);
        MemorySegment.copy(values, 0, bytes, F32, 0, values.length);
        return bytes;
    }
}
