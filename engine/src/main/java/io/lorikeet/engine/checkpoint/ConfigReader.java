package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.Architecture;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.RopeScaling;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads config.json. It refuses whatever this engine would compute wrongly: another architecture, another activation,
 * biases that its weights have no place for, rotary embeddings scaled in another way than YaRN's or Llama 3's. How weights come
 * quantised, {@link CheckpointQuantization} reads.
 */
public final class ConfigReader {
    /** Transformers' for a Qwen3 whose config.json names none. */
    private static final int QWEN3_HEAD_DIM = 128;

    private ConfigReader() {}

    public static ModelConfig read(Path configJson) {
        return of(configJson.toString(), JsonFile.read(configJson));
    }

    private static ModelConfig of(String source, JsonFile json) {
        Architecture architecture = architecture(json);
        refuseBias(json, architecture);
        refuseWhatElseChangesTheNumbers(json);
        int hiddenSize = json.positiveInt("hidden_size");
        int layers = json.positiveInt("num_hidden_layers");
        int heads = json.positiveInt("num_attention_heads");
        int maxPositionEmbeddings = json.positiveInt("max_position_embeddings");
        try {
            var rope = new RopeReader(json);
            RopeScaling scaling = rope.scaling(maxPositionEmbeddings);
            return new ModelConfig(
                    architecture,
                    json.positiveInt("vocab_size"),
                    hiddenSize,
                    json.positiveInt("intermediate_size"),
                    layers,
                    heads,
                    json.find("num_key_value_heads").isPresent() ? json.positiveInt("num_key_value_heads") : heads,
                    headDim(json, architecture, hiddenSize, heads),
                    json.optionalNumber("rms_norm_eps").orElse(1e-6),
                    rope.theta(),
                    scaling,
                    WindowReader.read(json, architecture, layers),
                    json.optionalBoolean("tie_word_embeddings").orElse(false),
                    scaling.maxPositions(maxPositionEmbeddings),
                    dtype(json),
                    json.tokenIds("eos_token_id"),
                    json.optionalInt("bos_token_id"),
                    json.optionalInt("pad_token_id"));
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(source + ": " + e.getMessage(), e);
        }
    }

    private static Architecture architecture(JsonFile json) {
        String modelType = json.optionalText("model_type").orElse("none");
        Architecture architecture = Architecture.ofModelType(modelType)
                .orElseThrow(() -> json.failure(
                        "model_type",
                        "one of " + Architecture.modelTypes()
                                + " (dense decoders; mixtures of experts and linear attention are not supported)",
                        modelType));
        json.find("architectures").ifPresent(names -> {
            if (names.size() != 1 || !names.path(0).asText().equals(architecture.className())) {
                throw json.failure("architectures", "[\"" + architecture.className() + "\"]", names);
            }
        });
        return architecture;
    }

    private static void refuseBias(JsonFile json, Architecture architecture) {
        for (String field : List.of("attention_bias", "mlp_bias")) {
            // Qwen2 has no such field, and biases all the same
            if (!architecture.qkvBias() && json.optionalBoolean(field).orElse(false)) {
                throw json.failure(field, "false (" + architecture.className() + " is supported without biases)", true);
            }
        }
    }

    private static void refuseWhatElseChangesTheNumbers(JsonFile json) {
        String activation = json.optionalText("hidden_act").orElse("silu");
        if (!activation.equals("silu")) {
            throw json.failure("hidden_act", "silu", activation);
        }
    }

    private static int headDim(JsonFile json, Architecture architecture, int hiddenSize, int heads) {
        if (json.find("head_dim").isPresent()) {
            return json.positiveInt("head_dim");
        }
        if (architecture == Architecture.QWEN3) {
            return QWEN3_HEAD_DIM;
        }
        if (hiddenSize % heads != 0) {
            throw json.failure("hidden_size", "a multiple of num_attention_heads " + heads, hiddenSize);
        }
        return hiddenSize / heads;
    }

    private static DType dtype(JsonFile json) {
        String name = json.optionalText("dtype")
                .or(() -> json.optionalText("torch_dtype"))
                .orElse("float32");
        return DType.ofTorchName(name)
                .filter(DType::isWeight)
                .orElseThrow(() -> json.failure("torch_dtype", "float32, bfloat16 or float16", name));
    }
}
