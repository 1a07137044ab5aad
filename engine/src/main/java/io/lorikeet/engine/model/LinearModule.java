package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.Optional;

/** The linear modules of a decoder layer, in its order; they are what a LoRA adapter may change. */
public enum LinearModule {
    Q_PROJ("q_proj", "self_attn"),
    K_PROJ("k_proj", "self_attn"),
    V_PROJ("v_proj", "self_attn"),
    O_PROJ("o_proj", "self_attn"),
    GATE_PROJ("gate_proj", "mlp"),
    UP_PROJ("up_proj", "mlp"),
    DOWN_PROJ("down_proj", "mlp");

    private final String moduleName;
    private final String parent;

    LinearModule(String moduleName, String parent) {
        this.moduleName = moduleName;
        this.parent = parent;
    }

    /** The module's own name, as {@code q_proj}. */
    public String moduleName() {
        return moduleName;
    }

    /** The module's path in the model, as {@code model.layers.3.self_attn.q_proj}. */
    public String path(int layer) {
        return DecoderLayout.layer(layer) + inLayer();
    }

    /** The module's path in its layer, as {@code self_attn.q_proj}. */
    String inLayer() {
        return parent + "." + moduleName;
    }

    /** Columns of the weight [out, in], and of an adapter's A [r, in]. */
    public int inFeatures(ModelConfig config) {
        return switch (this) {
            case Q_PROJ, K_PROJ, V_PROJ, GATE_PROJ, UP_PROJ -> config.hiddenSize();
            case O_PROJ -> config.attentionSize();
            case DOWN_PROJ -> config.intermediateSize();
        };
    }

    /** Rows of the weight [out, in], and of an adapter's B [out, r]. */
    public int outFeatures(ModelConfig config) {
        return switch (this) {
            case Q_PROJ -> config.attentionSize();
            case K_PROJ, V_PROJ -> config.keyValueSize();
            case O_PROJ, DOWN_PROJ -> config.hiddenSize();
            case GATE_PROJ, UP_PROJ -> config.intermediateSize();
        };
    }

    public static Optional<LinearModule> ofName(String name) {
        return Arrays.stream(values()).filter(m -> m.moduleName.equals(name)).findFirst();
    }
}
