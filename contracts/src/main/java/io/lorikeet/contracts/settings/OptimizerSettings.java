package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Setting;

/** AdamW. */
public record OptimizerSettings(
        @Setting(
                doc = "Highest learning rate.",
                whenAbsent = "0.0001 for lora, 0.00001 for full",
                min = 0,
                aboveMin = true,
                max = 1e38)
        Double learningRate,

        @Setting(doc = "Decoupled weight decay, on A and B too.", defaultValue = "0.1", min = 0, max = 10)
        double weightDecay,

        @Setting(doc = "Decay of the first moment.", defaultValue = "0.9", min = 0, max = 1, belowMax = true)
        double adamBeta1,

        @Setting(doc = "Decay of the second moment.", defaultValue = "0.95", min = 0, max = 1, belowMax = true)
        double adamBeta2,

        @Setting(doc = "Keeps the division finite.", defaultValue = "1e-8", min = 0, aboveMin = true, max = 1)
        double adamEpsilon,

        @Setting(doc = "Gradients are scaled down to this norm.", defaultValue = "1.0", min = 0, aboveMin = true)
        double maxGradNorm) {
    OptimizerSettings withDefaultLearningRate(double byDefault) {
        return learningRate != null
                ? this
                : new OptimizerSettings(byDefault, weightDecay, adamBeta1, adamBeta2, adamEpsilon, maxGradNorm);
    }
}
