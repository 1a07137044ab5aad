package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The families of decoders that the engine knows, a row each: what tells them apart beyond the numbers of a
 * {@link ModelConfig}.
 */
public enum Architecture {
    QWEN2("qwen2", "Qwen2ForCausalLM", true),
    MISTRAL("mistral", "MistralForCausalLM", false);

    private final String modelType;
    private final String className;
    private final boolean qkvBias;

    /**
     * @param modelType what config.json calls it
     * @param className transformers' class
     * @param qkvBias whether q_proj, k_proj and v_proj add a bias
     */
    Architecture(String modelType, String className, boolean qkvBias) {
        this.modelType = modelType;
        this.className = className;
        this.qkvBias = qkvBias;
    }

    /** What config.json calls it. */
    public String modelType() {
        return modelType;
    }

    /** Transformers' class, as config.json names it. */
    public String className() {
        return className;
    }

    /** Whether q_proj, k_proj and v_proj add a bias. */
    public boolean qkvBias() {
        return qkvBias;
    }

    public static Optional<Architecture> ofModelType(String modelType) {
        return Arrays.stream(values())
                .filter(architecture -> architecture.modelType.equals(modelType))
                .findFirst();
    }

    /** The model types of all, for a message. */
    public static String modelTypes() {
        return Arrays.stream(values()).map(Architecture::modelType).collect(Collectors.joining(" or "));
    }
}
