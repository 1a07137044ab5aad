package io.lorikeet.benchmarks.model;

import io.lorikeet.engine.EngineException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The shapes of models, by Hugging Face's names. */
public enum Geometry {
    /** For tests: large enough for a byte-level vocabulary. */
    TINY("tiny", "qwen2", 64, 2, 4, 2, 16, 128, 512, true),
    QWEN2_0_5B("qwen2-0.5b", "qwen2", 896, 24, 14, 2, 64, 4864, 151_936, true),
    QWEN2_7B("qwen2-7b", "qwen2", 3584, 28, 28, 4, 128, 18_944, 152_064, false),
    QWEN3_0_6B("qwen3-0.6b", "qwen3", 1024, 28, 16, 8, 128, 3072, 151_936, true),
    LLAMA3_1B("llama3-1b", "llama", 2048, 16, 32, 8, 64, 8192, 128_256, true),
    MISTRAL_7B("mistral-7b", "mistral", 4096, 32, 32, 8, 128, 14_336, 32_768, false);

    static final int MAX_POSITION_EMBEDDINGS = 4096;
    static final double ROPE_THETA = 1e6;
    static final double RMS_NORM_EPS = 1e-6;

    private final String label;
    private final String modelType;
    private final int hiddenSize;
    private final int numHiddenLayers;
    private final int numAttentionHeads;
    private final int numKeyValueHeads;
    private final int headDim;
    private final int intermediateSize;
    private final int vocabSize;
    private final boolean tieWordEmbeddings;

    Geometry(
            String label,
            String modelType,
            int hiddenSize,
            int numHiddenLayers,
            int numAttentionHeads,
            int numKeyValueHeads,
            int headDim,
            int intermediateSize,
            int vocabSize,
            boolean tieWordEmbeddings) {
        this.label = label;
        this.modelType = modelType;
        this.hiddenSize = hiddenSize;
        this.numHiddenLayers = numHiddenLayers;
        this.numAttentionHeads = numAttentionHeads;
        this.numKeyValueHeads = numKeyValueHeads;
        this.headDim = headDim;
        this.intermediateSize = intermediateSize;
        this.vocabSize = vocabSize;
        this.tieWordEmbeddings = tieWordEmbeddings;
    }

    /** Finds a geometry by its label. */
    public static Geometry of(String label) {
        return Arrays.stream(values())
                .filter(g -> g.label.equals(label.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new EngineException("geometry: expected one of "
                        + Arrays.stream(values()).map(Geometry::label).collect(Collectors.joining(", ")) + ", found '"
                        + label + "'"));
    }

    public String label() {
        return label;
    }

    int vocabSize() {
        return vocabSize;
    }

    /** What config.json says of it. */
    Map<String, Object> config() {
        Map<String, Object> config = new LinkedHashMap<>();
        String family = Character.toUpperCase(modelType.charAt(0)) + modelType.substring(1);
        config.put("architectures", new String[] {family + "ForCausalLM"});
        config.put("model_type", modelType);
        config.put("hidden_size", hiddenSize);
        config.put("num_hidden_layers", numHiddenLayers);
        config.put("num_attention_heads", numAttentionHeads);
        config.put("num_key_value_heads", numKeyValueHeads);
        config.put("head_dim", headDim);
        config.put("intermediate_size", intermediateSize);
        config.put("vocab_size", vocabSize);
        config.put("tie_word_embeddings", tieWordEmbeddings);
        config.put("max_position_embeddings", MAX_POSITION_EMBEDDINGS);
        config.put("rope_theta", ROPE_THETA);
        config.put("rms_norm_eps", RMS_NORM_EPS);
        config.put("hidden_act", "silu");
        config.put("torch_dtype", "bfloat16");
        config.put("eos_token_id", vocabSize - 1);
        return config;
    }
}
