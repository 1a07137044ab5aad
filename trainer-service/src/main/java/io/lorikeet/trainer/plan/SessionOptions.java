package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.settings.LoraSettings;
import io.lorikeet.contracts.settings.LrSchedulerType;
import io.lorikeet.contracts.settings.OptimizerSettings;
import io.lorikeet.contracts.settings.TrainType;
import io.lorikeet.contracts.settings.TrainingSettings;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.LearningRateSchedule;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.trainer.RunException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A job's settings in the engine's terms. */
final class SessionOptions {
    private SessionOptions() {}

    /** @param warnings receives what a person should know of the memory */
    static TrainingOptions of(
            RunSetup setup,
            List<Device> devices,
            ModelConfig config,
            TrainingData data,
            RunPlan plan,
            Optional<Resume> resume,
            List<String> warnings) {
        TrainingSettings settings = setup.command().settings();
        var undecided = new TrainingOptions(
                setup.model(),
                devices,
                dtype(setup, devices.getFirst()),
                DType.F32,
                switch (settings.run().trainType()) {
                    case LORA -> Optional.of(lora(settings.lora()));
                    case FULL -> Optional.empty();
                },
                adamW(settings.optimizer()),
                settings.optimizer().maxGradNorm(),
                settings.run().seed(),
                1,
                true);
        if (settings.run().trainType() == TrainType.LORA) {
            undecided = undecided
                    .withLoraPlus(settings.lora().lorapLrRatio())
                    .with(BaseQuantization.of(settings.quant(), undecided.dtype()));
        }
        return new MicroBatchLimits(config, undecided, data.longestRow(), plan.rowsPerStep(), warnings)
                .of(settings.run(), resume);
    }

    static LearningRateSchedule schedule(TrainingSettings settings, RunPlan plan) {
        LrSchedulerType type = settings.schedule().lrSchedulerType();
        if (type != LrSchedulerType.CONSTANT && plan.warmupSteps() > plan.maxSteps()) {
            throw new RunException(
                    "settings",
                    false,
                    "warmup_steps: is %d, and the run has %d steps in all"
                            .formatted(plan.warmupSteps(), plan.maxSteps()));
        }
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
        var plain = new LoraConfig(
                settings.loraRank(),
                settings.loraAlpha(),
                settings.loraDropout(),
                settings.resolvedTargetModules().stream()
                        .map(name -> LinearModule.ofName(name).orElseThrow())
                        .collect(Collectors.toSet()),
                settings.useRslora());
        return settings.useDora() ? plain.withDora() : plain;
    }

    private static AdamW adamW(OptimizerSettings settings) {
        return new AdamW(settings.adamBeta1(), settings.adamBeta2(), settings.adamEpsilon(), settings.weightDecay());
    }

    private static DType dtype(RunSetup setup, Device device) {
        return Optional.ofNullable(setup.command().settings().run().torchDtype())
                .or(setup::dtype)
                .map(NumberFormats::of)
                .orElseGet(device::dtype);
    }
}
