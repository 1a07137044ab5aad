package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Setting;

/** What is trained, in which numbers, from which seed, within which memory. */
public record RunSettings(
        @Setting(
                doc = "`lora` trains adapters on a frozen base, `full` every weight.",
                defaultValue = "lora",
                aliases = "tuner_type")
        TrainType trainType,

        @Setting(
                doc = "Number format of the base. A and B are always float32.",
                whenAbsent = "bfloat16 on CUDA, float32 on CPU")
        TorchDtype torchDtype,

        @Setting(doc = "Seed of the initial weights and of dropout.", defaultValue = "42", min = 0)
        int seed,

        @Setting(doc = "Seed of shuffling and sampling rows.", defaultValue = "42", min = 0)
        int dataSeed,

        @Setting(
                doc = "Compute activations again instead of keeping them: slower, less memory, same result.",
                defaultValue = "true")
        GradientCheckpointing gradientCheckpointing,

        @Setting(
                doc = "Tokens that one forward pass may hold when rows of a window are packed together.",
                whenAbsent = "by the device's memory",
                min = 1)
        Integer maxTokensPerPass) {
    /** With what the trainer decides where a command leaves it open. */
    public RunSettings resolved(TorchDtype dtype, boolean recompute, int tokensPerPass) {
        return new RunSettings(
                trainType,
                dtype,
                seed,
                dataSeed,
                recompute ? GradientCheckpointing.ON : GradientCheckpointing.OFF,
                tokensPerPass);
    }
}
