package io.lorikeet.engine.adapter;

import io.lorikeet.engine.model.LinearModule;
import java.util.Comparator;

/** A module of a layer, which is where an adapter's pair of matrices belongs. Ordered by layer, then as in the layer. */
public record LoraTarget(int layer, LinearModule module) implements Comparable<LoraTarget> {
    private static final Comparator<LoraTarget> ORDER =
            Comparator.comparingInt(LoraTarget::layer).thenComparing(LoraTarget::module);

    /** PEFT's name of A in adapter_model.safetensors. */
    public String loraA() {
        return "base_model.model." + module.path(layer) + ".lora_A.weight";
    }

    /** PEFT's name of B in adapter_model.safetensors. */
    public String loraB() {
        return "base_model.model." + module.path(layer) + ".lora_B.weight";
    }

    /** PEFT's name of DoRA's magnitudes. */
    public String magnitude() {
        return "base_model.model." + module.path(layer) + ".lora_magnitude_vector";
    }

    /** PEFT's name of B's bias. */
    String loraBias() {
        return "base_model.model." + module.path(layer) + ".lora_B.bias";
    }

    /** PEFT's name of the module's own bias, trained. */
    String bias() {
        return "base_model.model." + module.path(layer) + ".base_layer.bias";
    }

    @Override
    public int compareTo(LoraTarget other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return module.path(layer);
    }
}
