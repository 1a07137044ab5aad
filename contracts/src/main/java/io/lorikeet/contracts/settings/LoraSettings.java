package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Setting;
import java.util.List;

/** The adapter. */
public record LoraSettings(
        @Setting(doc = "Rank r of A and B.", defaultValue = "8", min = 1, max = 1024)
        int loraRank,

        @Setting(
                doc = "The product of A and B is scaled by lora_alpha / lora_rank.",
                defaultValue = "32",
                min = 0,
                aboveMin = true,
                max = 1_000_000)
        double loraAlpha,

        @Setting(doc = "Dropout before A while training.", defaultValue = "0.05", min = 0, max = 1, belowMax = true)
        double loraDropout,

        @Setting(
                doc = "Linear layers that get an adapter: `all-linear`, or a list of names.",
                defaultValue = "\"all-linear\"",
                single = true,
                choices = {"all-linear", "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"})
        List<String> targetModules,

        @Setting(doc = "Scale by lora_alpha / √lora_rank instead.", defaultValue = "false")
        boolean useRslora) {
    private static final List<String> ALL_LINEAR =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public LoraSettings {
        targetModules = List.copyOf(targetModules);
    }

    /** {@link #targetModules} with {@code all-linear} spelt out. */
    public List<String> resolvedTargetModules() {
        return targetModules.contains("all-linear")
                ? ALL_LINEAR
                : targetModules.stream().distinct().toList();
    }
}
