package io.lorikeet.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.model.Architecture;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.ModelConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads config.json. It refuses whatever this engine would compute wrongly: another architecture, sliding-window attention
 * in use, scaled rotary embeddings, quantised weights.
 */
public final class ConfigReader {
    /** Positions that a Mistral sees if config.json does not say. */
    private static final int MISTRAL_WINDOW = 4096;

    private ConfigReader() {}

    public static ModelConfig read(Path configJson) {
        return of(configJson.toString(), JsonFile.read(configJson));
    }

    private static ModelConfig of(String source, JsonFile json) {
        Architecture architecture = architecture(json);
        refuseSlidingWindow(json, architecture);
        refuseRopeScaling(json);
        refuseWhatElseChangesTheNumbers(json);
        int hiddenSize = json.positiveInt("hidden_size");
        int heads = json.positiveInt("num_attention_heads");
        try {
            return new ModelConfig(
                    architecture,
                    json.positiveInt("vocab_size"),
                    hiddenSize,
                    json.positiveInt("intermediate_size"),
                    json.positiveInt("num_hidden_layers"),
                    heads,
                    json.find("num_key_value_heads").isPresent() ? json.positiveInt("num_key_value_heads") : heads,
                    headDim(json, hiddenSize, heads),
                    json.optionalNumber("rms_norm_eps").orElse(1e-6),
                    ropeTheta(json),
                    json.optionalBoolean("tie_word_embeddings").orElse(false),
                    json.positiveInt("max_position_embeddings"),
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
                .orElseThrow(() -> json.failure("model_type", Architecture.modelTypes(), modelType));
        json.find("architectures").ifPresent(names -> {
            if (names.size() != 1 || !names.path(0).asText().equals(architecture.className())) {
                throw json.failure("architectures", "[\"" + architecture.className() + "\"]", names);
            }
        });
        return architecture;
    }

    private static void refuseSlidingWindow(JsonFile json, Architecture architecture) {
        switch (architecture) {
            case QWEN2 -> {
                if (json.optionalBoolean("use_sliding_window").orElse(false)) {
                    throw json.failure(
                            "use_sliding_window", "false (sliding-window attention is not supported)", "true");
                }
            }
            case MISTRAL -> {
                // null is no window; a file that says nothing has transformers' default
                int window = json.root().has("sliding_window")
                        ? json.optionalInt("sliding_window").orElse(Integer.MAX_VALUE)
                        : MISTRAL_WINDOW;
                if (window < json.positiveInt("max_position_embeddings")) {
                    throw json.failure(
                            "sliding_window",
                            "null or max_position_embeddings (sliding-window attention is not supported)",
                            window);
                }
            }
        }
        json.find("layer_types").ifPresent(types -> {
            for (JsonNode type : types) {
                if (!type.asText().equals("full_attention")) {
                    throw json.failure("layer_types", "full_attention in every layer", type);
                }
            }
        });
    }

    private static void refuseRopeScaling(JsonFile json) {
        for (String field : List.of("rope_scaling", "rope_parameters")) {
            if (json.find(field).isEmpty()) {
                continue;
            }
            // Old files say "type", newer ones "rope_type"; a rope_scaling without either is scaling of an unknown
            // kind.
            String type = json.optionalText(field + ".rope_type")
                    .or(() -> json.optionalText(field + ".type"))
                    .orElse(field.equals("rope_scaling") ? "none" : "default");
            if (!type.equals("default")) {
                throw json.failure(field, "rope_type default (scaled rotary embeddings are not supported)", type);
            }
            double partial =
                    json.optionalNumber(field + ".partial_rotary_factor").orElse(1.0);
            if (partial != 1.0) {
                throw json.failure(field + ".partial_rotary_factor", "1.0", partial);
            }
        }
    }

    private static void refuseWhatElseChangesTheNumbers(JsonFile json) {
        String activation = json.optionalText("hidden_act").orElse("silu");
        if (!activation.equals("silu")) {
            throw json.failure("hidden_act", "silu", activation);
        }
        json.find("quantization_config").ifPresent(quantisation -> {
            throw json.failure(
                    "quantization_config",
                    "none (quantised weights are not supported; take the checkpoint in bfloat16)",
                    quantisation.path("quant_method"));
        });
    }

    private static int headDim(JsonFile json, int hiddenSize, int heads) {
        if (json.find("head_dim").isPresent()) {
            return json.positiveInt("head_dim");
        }
        if (hiddenSize % heads != 0) {
            throw json.failure("hidden_size", "a multiple of num_attention_heads " + heads, hiddenSize);
        }
        return hiddenSize / heads;
    }

    private static double ropeTheta(JsonFile json) {
        return json.optionalNumber("rope_theta")
                .or(() -> json.optionalNumber("rope_parameters.rope_theta"))
                .orElseThrow(() -> json.failure("rope_theta", "a number (or rope_parameters.rope_theta)", "none"));
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
