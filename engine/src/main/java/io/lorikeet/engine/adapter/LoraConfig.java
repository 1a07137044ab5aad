package io.lorikeet.engine.adapter;

import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A LoRA adapter's settings, by PEFT's names: every targeted module computes {@code y = x·Wᵀ + scale · x·Aᵀ·Bᵀ} (Hu et al. 2021,
 * arXiv:2106.09685), or with DoRA that product with the rows of W + scale·B·A brought to a magnitude of their own.
 *
 * @param r rank
 * @param loraAlpha numerator of the {@linkplain #scale() scale}
 * @param loraDropout probability with which training drops an input of A
 * @param targetModules the modules that are changed, in every layer but for the {@code patterns}
 * @param useRslora whether the scale divides by √r instead of r (Kalajdzievski 2023, arXiv:2312.03732)
 * @param useDora whether each row of a module has a magnitude (Liu et al. 2024, arXiv:2402.09353)
 * @param loraBias whether each B has a bias, which counts by the scale too
 * @param biasLoraOnly whether the targeted modules' own biases were trained: PEFT's {@code bias: lora_only}
 * @param patterns where modules differ
 */
public record LoraConfig(
        int r,
        double loraAlpha,
        double loraDropout,
        Set<LinearModule> targetModules,
        boolean useRslora,
        boolean useDora,
        boolean loraBias,
        boolean biasLoraOnly,
        LoraPatterns patterns) {
    public LoraConfig {
        require(r >= 1, "r: expected a whole number from 1, found " + r);
        require(
                Double.isFinite(loraAlpha) && loraAlpha > 0,
                "lora_alpha: expected a number above 0, found " + loraAlpha);
        require(loraDropout >= 0 && loraDropout < 1, "lora_dropout: expected a number in [0, 1), found " + loraDropout);
        require(!targetModules.isEmpty(), "target_modules: expected at least one module, found none");
        require(!(useDora && loraBias), "lora_bias: expected false with use_dora, which PEFT does not combine");
        patterns.ranks()
                .forEach((target, rank) -> require(
                        rank >= 1, "rank_pattern: expected a whole number from 1 for " + target + ", found " + rank));
        patterns.alphas()
                .forEach((target, alpha) -> require(
                        Double.isFinite(alpha) && alpha > 0,
                        "alpha_pattern: expected a number above 0 for " + target + ", found " + alpha));
        // In the order of the layer, whatever order they came in.
        targetModules = Collections.unmodifiableSet(EnumSet.copyOf(targetModules));
    }

    /** Plain LoRA, all modules alike. */
    public LoraConfig(int r, double loraAlpha, double loraDropout, Set<LinearModule> targetModules, boolean useRslora) {
        this(r, loraAlpha, loraDropout, targetModules, useRslora, false, false, false, LoraPatterns.NONE);
    }

    /** The same with DoRA's magnitudes. */
    public LoraConfig withDora() {
        return new LoraConfig(
                r, loraAlpha, loraDropout, targetModules, useRslora, true, loraBias, biasLoraOnly, patterns);
    }

    /** Whether it does more than add B·A: its products have magnitudes or biases. */
    public boolean adjusts() {
        return useDora || loraBias || biasLoraOnly;
    }

    /** What {@code all-linear} stands for. */
    public static Set<LinearModule> allLinear() {
        return EnumSet.allOf(LinearModule.class);
    }

    /** The modules that are changed, of a base with so many layers. */
    public SortedSet<LoraTarget> targets(int layers) {
        SortedSet<LoraTarget> targets = new TreeSet<>();
        for (int layer = 0; layer < layers; layer++) {
            for (LinearModule module : targetModules) {
                targets.add(new LoraTarget(layer, module));
            }
        }
        targets.removeAll(patterns.without());
        return targets;
    }

    /** The factor of B·A: alpha / r, or alpha / √r with rank-stabilised LoRA; of all modules that have no pattern. */
    public double scale() {
        return scale(r, loraAlpha);
    }

    /** The rank of one module. */
    public int r(LoraTarget target) {
        return patterns.ranks().getOrDefault(target, r);
    }

    /** The factor of B·A of one module. */
    public double scale(LoraTarget target) {
        return scale(r(target), patterns.alphas().getOrDefault(target, loraAlpha));
    }

    private double scale(int rank, double alpha) {
        return alpha / (useRslora ? Math.sqrt(rank) : rank);
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
