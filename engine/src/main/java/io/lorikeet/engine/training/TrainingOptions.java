package io.lorikeet.engine.training;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.sharing.Sharing;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What to train and how.
 *
 * @param model directory of the base model
 * @param devices what trains; several divide each batch among them, and the first makes the updates and gives the answers
 * @param dtype of the base model's weights and the activations; A and B are always float32
 * @param rotaryDtype see {@link io.lorikeet.engine.program.ProgramOptions}; F32 unless a reference was made otherwise
 * @param lora the adapter's settings; none: train every weight
 * @param loraPlusLrRatio LoRA+ (Hayou et al. 2024, arXiv:2402.12354): by how much faster B, and with DoRA the magnitude, learn
 *     than A; 1: plain LoRA
 * @param maxGradNorm the global gradient norm is clipped to this; 0: not clipped
 * @param seed of A's first values and of the dropout
 * @param maxTokensPerPass rows of a batch are packed into micro-batches of at most this many tokens; one row may be longer
 * @param gradientCheckpointing keep only the layers' inputs and compute each layer again in the backward pass
 * @param sharing what other processes on the device have too: the base's weights unless they are trained, and the device's time
 * @param quantization of the base's weights under an adapter: gradients go through what they stand for in {@code dtype} (QLoRA,
 *     Dettmers et al., arXiv:2305.14314)
 */
public record TrainingOptions(
        Path model,
        List<Device> devices,
        DType dtype,
        DType rotaryDtype,
        Optional<LoraConfig> lora,
        AdamW adamW,
        double loraPlusLrRatio,
        double maxGradNorm,
        long seed,
        int maxTokensPerPass,
        boolean gradientCheckpointing,
        Quantization quantization,
        Sharing sharing) {
    public TrainingOptions {
        devices = List.copyOf(devices);
        if (devices.isEmpty()) {
            throw new TrainingException("devices: expected at least one");
        }
        if (!(loraPlusLrRatio > 0 && Double.isFinite(loraPlusLrRatio))) {
            throw new TrainingException("lorap_lr_ratio: expected a number above 0, found " + loraPlusLrRatio);
        }
        if (maxGradNorm < 0) {
            throw new TrainingException("max_grad_norm: expected 0 (no clipping) or more, found " + maxGradNorm);
        }
        if (quantization != Quantization.NONE && lora.isEmpty()) {
            throw new TrainingException("quantization " + quantization.id()
                    + ": every weight is trained, and a quantised one cannot be; train an adapter");
        }
        if (maxTokensPerPass < 1) {
            throw new TrainingException("max_tokens_per_pass: expected at least 1, found " + maxTokensPerPass);
        }
    }

    /** Plain LoRA, or every weight: one learning rate for all parameters; everything for itself. */
    public TrainingOptions(
            Path model,
            List<Device> devices,
            DType dtype,
            DType rotaryDtype,
            Optional<LoraConfig> lora,
            AdamW adamW,
            double maxGradNorm,
            long seed,
            int maxTokensPerPass,
            boolean gradientCheckpointing) {
        this(
                model,
                devices,
                dtype,
                rotaryDtype,
                lora,
                adamW,
                1,
                maxGradNorm,
                seed,
                maxTokensPerPass,
                gradientCheckpointing,
                Quantization.NONE,
                Sharing.OFF);
    }

    /** The same over a quantised base. */
    public TrainingOptions with(Quantization other) {
        return copy(loraPlusLrRatio, maxTokensPerPass, gradientCheckpointing, other, sharing);
    }

    /** The same with LoRA+. */
    public TrainingOptions withLoraPlus(double lrRatio) {
        return copy(lrRatio, maxTokensPerPass, gradientCheckpointing, quantization, sharing);
    }

    /** The same with other limits of a micro-batch, which change memory and speed alone. */
    public TrainingOptions withinMemory(int tokensPerPass, boolean recompute) {
        return copy(loraPlusLrRatio, tokensPerPass, recompute, quantization, sharing);
    }

    /** The same with other processes beside. */
    public TrainingOptions with(Sharing other) {
        return copy(loraPlusLrRatio, maxTokensPerPass, gradientCheckpointing, quantization, other);
    }

    private TrainingOptions copy(
            double lrRatio, int tokensPerPass, boolean recompute, Quantization quantized, Sharing shared) {
        return new TrainingOptions(
                model,
                devices,
                dtype,
                rotaryDtype,
                lora,
                adamW,
                lrRatio,
                maxGradNorm,
                seed,
                tokensPerPass,
                recompute,
                quantized,
                shared);
    }

    public TrainType trainType() {
        return lora.isPresent() ? TrainType.LORA : TrainType.FULL;
    }
}
