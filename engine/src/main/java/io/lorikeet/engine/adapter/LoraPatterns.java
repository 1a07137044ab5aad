package io.lorikeet.engine.adapter;

import java.util.Map;
import java.util.Set;

/**
 * Where an adapter differs from what its settings say of all its modules: PEFT's {@code rank_pattern}, {@code alpha_pattern},
 * {@code exclude_modules} and {@code layers_to_transform}, as they come out for one base model.
 *
 * @param ranks of modules whose rank is not {@code r}
 * @param alphas of modules whose alpha is not {@code lora_alpha}
 * @param without modules that the adapter leaves alone in some layers although it changes them in others
 */
public record LoraPatterns(Map<LoraTarget, Integer> ranks, Map<LoraTarget, Double> alphas, Set<LoraTarget> without) {
    /** All modules are alike. */
    public static final LoraPatterns NONE = new LoraPatterns(Map.of(), Map.of(), Set.of());

    public LoraPatterns {
        ranks = Map.copyOf(ranks);
        alphas = Map.copyOf(alphas);
        without = Set.copyOf(without);
    }
}
