package io.lorikeet.engine.generation;

import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.model.Speculation;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.sharing.Sharing;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How an inference engine is set up; names are vLLM's.
 *
 * @param model directory of the base model
 * @param dtype of weights, activations and cache: F32 or BF16
 * @param quantization of the weights
 * @param kernels whether a GPU's decode steps may run as kernels of our own
 * @param speculation whether a processor's decode steps check drafts
 * @param sharing what other processes on the device have too
 */
public record InferenceOptions(
        Path model,
        Device device,
        DType dtype,
        Batching batching,
        Loras loras,
        Quantization quantization,
        Kernels kernels,
        Speculation speculation,
        Sharing sharing) {
    /** Without quantisation and speculation, with kernels, everything for itself. */
    public InferenceOptions(Path model, Device device, DType dtype, Batching batching, Loras loras) {
        this(model, device, dtype, batching, loras, Quantization.NONE, Kernels.AUTO, Speculation.OFF, Sharing.OFF);
    }

    /**
     * What runs and waits at once.
     *
     * @param maxNumSeqs sequences that run at once
     * @param maxModelLen tokens of a sequence at most, prompt and answer; 0 for the model's own limit
     * @param prefillChunk tokens of prompts that are run between two decode steps at most
     * @param maxWaiting requests that may wait; beyond, they are refused
     * @param maxQueueTime how long a request may wait; then it is refused
     * @param prefixes system prompts whose keys and values are kept; 0: none
     * @param maxPrefixLen tokens of each that are kept at most
     * @param graphWarmUpLen on a GPU, tokens of a sequence up to which the common kinds of decode steps become CUDA graphs at
     *     start; 0: each when it occurs for the second time
     */
    public record Batching(
            int maxNumSeqs,
            int maxModelLen,
            int prefillChunk,
            int maxWaiting,
            Duration maxQueueTime,
            int prefixes,
            int maxPrefixLen,
            int graphWarmUpLen) {
        public static final Batching DEFAULT = of(16, 0);

        /** So many sequences of so many tokens, all else as usual. */
        public static Batching of(int maxNumSeqs, int maxModelLen) {
            return new Batching(maxNumSeqs, maxModelLen, 256, 256, Duration.ofMinutes(10), 8, 512, 512);
        }

        /** The same for so many sequences of so many tokens. */
        public Batching with(int sequences, int tokens) {
            return new Batching(
                    sequences, tokens, prefillChunk, maxWaiting, maxQueueTime, prefixes, maxPrefixLen, graphWarmUpLen);
        }

        public Batching {
            atLeast("prefillChunk", 1, prefillChunk);
            atLeast("maxWaiting", 1, maxWaiting);
            atLeast("prefixes", 0, prefixes);
            atLeast("maxPrefixLen", 1, maxPrefixLen);
            atLeast("graphWarmUpLen", 0, graphWarmUpLen);
        }
    }

    /**
     * Room for adapters.
     *
     * @param maxLoras adapters on the device at once; the engine keeps room for one more, so that a full table can still swap
     * @param maxCpuLoras names served at once; those beyond {@code maxLoras} wait in host memory
     * @param maxAddressed versions beside those served, in host memory or on the device, that requests name
     * @param maxLoraRank rank of an adapter at most
     * @param maxLoraRanks ranks of all adapters on the device together; 0: so many that they may all have the largest
     */
    public record Loras(int maxLoras, int maxCpuLoras, int maxAddressed, int maxLoraRank, int maxLoraRanks) {
        public static final Loras DEFAULT = new Loras(8, 64, 16);

        public Loras {
            atLeast("maxLoras", 1, maxLoras);
            atLeast("maxCpuLoras", maxLoras, maxCpuLoras);
            atLeast("maxAddressed", 0, maxAddressed);
            atLeast("maxLoraRank", 1, maxLoraRank);
            if (maxLoraRanks != 0) {
                atLeast("maxLoraRanks", maxLoraRank, maxLoraRanks);
            }
        }

        /** So many that all adapters may have the largest rank. */
        public Loras(int maxLoras, int maxCpuLoras, int maxLoraRank) {
            this(maxLoras, maxCpuLoras, 8, maxLoraRank, 0);
        }

        /** The same for adapters of another rank. */
        public Loras withMaxLoraRank(int rank) {
            return new Loras(maxLoras, maxCpuLoras, maxAddressed, rank, maxLoraRanks);
        }

        /** Adapters that have a slot: one more than {@code maxLoras}, so that a full table can still swap. */
        int slots() {
            return maxLoras + 1;
        }

        /** Rank rows of them all. */
        int rankRows() {
            return maxLoraRanks == 0 ? slots() * maxLoraRank : maxLoraRanks;
        }
    }

    private static void atLeast(String name, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": expected at least " + least + ", found " + value);
        }
    }

    /** Options for a model on a device, in the device's own type. */
    public static InferenceOptions of(Path model, Device device) {
        return new InferenceOptions(model, device, device.dtype(), Batching.DEFAULT, Loras.DEFAULT);
    }

    /** The same with another batching. */
    public InferenceOptions with(Batching other) {
        return new InferenceOptions(model, device, dtype, other, loras, quantization, kernels, speculation, sharing);
    }

    /** The same with other room for adapters. */
    public InferenceOptions with(Loras other) {
        return new InferenceOptions(model, device, dtype, batching, other, quantization, kernels, speculation, sharing);
    }

    /** The same with weights quantised. */
    public InferenceOptions with(Quantization other) {
        return new InferenceOptions(model, device, dtype, batching, loras, other, kernels, speculation, sharing);
    }

    /** The same with other processes beside. */
    public InferenceOptions with(Sharing other) {
        return new InferenceOptions(model, device, dtype, batching, loras, quantization, kernels, speculation, other);
    }

    /** The same with or without drafts. */
    public InferenceOptions with(Speculation other) {
        return new InferenceOptions(model, device, dtype, batching, loras, quantization, kernels, other, sharing);
    }

    /** The same with or without kernels of our own. */
    public InferenceOptions with(Kernels other) {
        return new InferenceOptions(model, device, dtype, batching, loras, quantization, other, speculation, sharing);
    }
}
