package io.lorikeet.engine.generation;

import io.lorikeet.engine.checkpoint.DType;
import io.lorikeet.engine.program.Device;
import java.nio.file.Path;

/**
 * How an inference engine is set up; names are vLLM's.
 *
 * @param model directory of the base model
 * @param dtype of weights, activations and cache: F32 or BF16
 * @param maxNumSeqs sequences that run at once
 * @param maxModelLen tokens of a sequence at most, prompt and answer; 0 for the model's own limit
 * @param maxWaiting requests that may wait; beyond, they are refused
 * @param maxLoras adapters served at once; the engine keeps room for one more, so that a full table can still swap
 * @param maxLoraRank rank of an adapter at most
 */
public record InferenceOptions(
        Path model,
        Device device,
        DType dtype,
        int maxNumSeqs,
        int maxModelLen,
        int maxWaiting,
        int maxLoras,
        int maxLoraRank) {
    public InferenceOptions {
        if (maxWaiting < 1) {
            throw new IllegalArgumentException("maxWaiting: expected at least 1, found " + maxWaiting);
        }
    }

    /** Options for a model on a device, in the device's own type: float32 on the processor, bfloat16 on CUDA. */
    public static InferenceOptions of(Path model, Device device) {
        return new InferenceOptions(model, device, device.isCuda() ? DType.BF16 : DType.F32, 16, 0, 256, 8, 16);
    }
}
