package io.lorikeet.trainer.run;

import io.lorikeet.contracts.settings.LoraSettings;
import io.lorikeet.contracts.settings.LrSchedulerType;
import io.lorikeet.contracts.settings.OptimizerSettings;
import io.lorikeet.contracts.settings.TorchDtype;
import io.lorikeet.contracts.settings.TrainingSettings;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraModule;
import io.lorikeet.engine.checkpoint.DType;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.LearningRateSchedule;
import io.lorikeet.engine.training.TrainingOptions;
import java.util.Optional;
import java.util.stream.Collectors;

/** A job's settings in the engine's terms. */
final class SessionOptions {
    private SessionOptions() {}

    static TrainingOptions of(RunSetup setup) {
        TrainingSettings settings = setup.command().settings();
        Device device = Device.of(setup.device());
        return new TrainingOptions(
                setup.model(),
                device,
                dtype(setup, device),
                DType.F32,
                switch (settings.run().trainType()) {
                    case LORA -> Optional.of(lora(settings.lora()));
                    case FULL -> Optional.empty();
                },
                adamW(settings.optimizer()),
                settings.optimizer().maxGradNorm(),
                settings.run().seed(),
                settings.run().maxTokensPerPass() == null
                        ? tokensPerPass(device)
                        : settings.run().maxTokensPerPass(),
                switch (settings.run().gradientCheckpointing()) {
                    case ON, AUTO -> true;
                    case OFF -> false;
                });
    }

    static LearningRateSchedule schedule(TrainingSettings settings, RunPlan plan) {
        LrSchedulerType type = settings.schedule().lrSchedulerType();
        return new LearningRateSchedule(
                switch (type) {
                    case COSINE -> LearningRateSchedule.Type.COSINE;
                    case LINEAR -> LearningRateSchedule.Type.LINEAR;
                    case CONSTANT, CONSTANT_WITH_WARMUP -> LearningRateSchedule.Type.CONSTANT;
                },
                settings.optimizer().learningRate(),
                type == LrSchedulerType.CONSTANT ? 0 : plan.warmupSteps(),
                plan.maxSteps());
    }

    private static LoraConfig lora(LoraSettings settings) {
        return new LoraConfig(
                settings.loraRank(),
                settings.loraAlpha(),
                settings.loraDropout(),
                settings.resolvedTargetModules().stream()
                        .map(name -> LoraModule.ofPeftName(name).orElseThrow())
                        .collect(Collectors.toSet()),
                settings.useRslora());
    }

    private static AdamW adamW(OptimizerSettings settings) {
        return new AdamW(settings.adamBeta1(), settings.adamBeta2(), settings.adamEpsilon(), settings.weightDecay());
    }

    private static DType dtype(RunSetup setup, Device device) {
        TorchDtype wanted = setup.command().settings().run().torchDtype();
        if (wanted == null) {
            wanted = setup.dtype().orElse(device.isCuda() ? TorchDtype.BFLOAT16 : TorchDtype.FLOAT32);
        }
        return switch (wanted) {
            case FLOAT32 -> DType.F32;
            case BFLOAT16 -> DType.BF16;
        };
    }

    /** What fits beside a 7B model on a card of 24 GB, and what keeps the cores of a CPU busy. */
    private static int tokensPerPass(Device device) {
        return device.isCuda() ? 8_192 : 4_096;
    }
}
