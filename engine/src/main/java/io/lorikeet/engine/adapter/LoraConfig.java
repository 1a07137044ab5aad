package io.lorikeet.engine.adapter;

import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * A LoRA adapter's settings, by PEFT's names: every targeted module of every layer computes
 * {@code y = x·Wᵀ + scale · x·Aᵀ·Bᵀ} (Hu et al. 2021, arXiv:2106.09685).
 *
 * @param r rank
 * @param loraAlpha numerator of the {@linkplain #scale() scale}
 * @param loraDropout probability with which training drops an input of A
 * @param targetModules the modules that are changed, in every layer
 * @param useRslora whether the scale divides by √r instead of r (Kalajdzievski 2023, arXiv:2312.03732)
 */
public record LoraConfig(
        int r, double loraAlpha, double loraDropout, Set<LinearModule> targetModules, boolean useRslora) {
    public LoraConfig {
        require(r >= 1, "r: expected a whole number from 1, found " + r);
        require(
                Double.isFinite(loraAlpha) && loraAlpha > 0,
                "lora_alpha: expected a number above 0, found " + loraAlpha);
        require(loraDropout >= 0 && loraDropout < 1, "lora_dropout: expected a number in [0, 1), found " + loraDropout);
        require(!targetModules.isEmpty(), "target_modules: expected at least one module, found none");
        // In the order of the layer, whatever order they came in.
        targetModules = Collections.unmodifiableSet(EnumSet.copyOf(targetModules));
    }

    /** What {@code all-linear} stands for. */
    public static Set<LinearModule> allLinear() {
        return EnumSet.allOf(LinearModule.class);
    }

    /** The factor of B·A: alpha / r, or alpha / √r with rank-stabilised LoRA. */
    public double scale() {
        return loraAlpha / (useRslora ? Math.sqrt(r) : r);
    }

    /**
     * Reads PEFT's adapter_config.json.
     *
     * @param base the model that {@code target_modules} is matched against
     * @throws AdapterException if it is malformed, or asks for what would not be honoured
     */
    public static LoraConfig parse(byte[] adapterConfigJson, ModelConfig base) {
        return PeftConfigReader.read(adapterConfigJson, base);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
