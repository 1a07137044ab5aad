package io.lorikeet.engine.adapter;

import io.lorikeet.engine.checkpoint.Qwen2Config;
import java.util.Arrays;
import java.util.Optional;

/** The linear layers of a Qwen2 decoder layer, which are what a LoRA adapter may change. {@code all-linear} is all of them. */
public enum LoraModule {
    Q_PROJ("q_proj", "self_attn"),
    K_PROJ("k_proj", "self_attn"),
    V_PROJ("v_proj", "self_attn"),
    O_PROJ("o_proj", "self_attn"),
    GATE_PROJ("gate_proj", "mlp"),
    UP_PROJ("up_proj", "mlp"),
    DOWN_PROJ("down_proj", "mlp");

    private final String peftName;
    private final String parent;

    LoraModule(String peftName, String parent) {
        this.peftName = peftName;
        this.parent = parent;
    }

    /** The module's name in {@code target_modules}. */
    public String peftName() {
        return peftName;
    }

    /** The module's path in the base model, as {@code model.layers.3.self_attn.q_proj}. */
    public String path(int layer) {
        return "model.layers." + layer + "." + parent + "." + peftName;
    }

    /** Columns of the weight [out, in], and of A [r, in]. */
    public int inFeatures(Qwen2Config config) {
        return switch (this) {
            case Q_PROJ, K_PROJ, V_PROJ, GATE_PROJ, UP_PROJ -> config.hiddenSize();
            case O_PROJ -> config.attentionSize();
            case DOWN_PROJ -> config.intermediateSize();
        };
    }

    /** Rows of the weight [out, in], and of B [out, r]. */
    public int outFeatures(Qwen2Config config) {
        return switch (this) {
            case Q_PROJ -> config.attentionSize();
            case K_PROJ, V_PROJ -> config.keyValueSize();
            case O_PROJ, DOWN_PROJ -> config.hiddenSize();
            case GATE_PROJ, UP_PROJ -> config.intermediateSize();
        };
    }

    public static Optional<LoraModule> ofPeftName(String name) {
        return Arrays.stream(values()).filter(m -> m.peftName.equals(name)).findFirst();
    }
}
