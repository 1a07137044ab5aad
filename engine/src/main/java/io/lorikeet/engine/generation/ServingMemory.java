package io.lorikeet.engine.generation;

import io.lorikeet.engine.checkpoint.CheckpointQuantization;
import io.lorikeet.engine.generation.InferenceOptions.Batching;
import io.lorikeet.engine.generation.InferenceOptions.Loras;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.DeviceMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What an engine takes of its device when it starts, in bytes, counted from the shapes of the model's tensors; the formulas stand in
 * {@code docs/operations.md}, "Sizing". An estimate: a device's own libraries and intermediate results come on top.
 *
 * @param held as what the weights are in memory
 */
record ServingMemory(ModelConfig config, InferenceOptions options, Quantization held) {
    /** Share of the memory that is planned with. */
    private static final double USABLE = 0.9;

    private static final double GIB = 1L << 30;
    /** The context is proposed in such steps. */
    private static final int CONTEXT_STEP = 128;

    long weights() {
        int element = options.dtype().byteSize();
        long matrices = config.numHiddenLayers()
                * Arrays.stream(LinearStack.values())
                        .mapToLong(stack -> stack.elements(config))
                        .sum();
        long whole = DecoderLayout.of(config).parameters() * element;
        double bits = held.bitsPerWeight();
        return bits == 0 ? whole : whole - (long) (matrices * (element - bits / Byte.SIZE));
    }

    static ServingMemory of(ModelConfig config, InferenceOptions options) {
        return new ServingMemory(config, options, CheckpointQuantization.held(options.model(), options.quantization()));
    }

    /** Keys and values of all sequences, and of the prefixes that are kept. */
    long cache() {
        Batching batching = options.batching();
        long token = 2L
                * config.numHiddenLayers()
                * config.keyValueSize()
                * options.dtype().byteSize();
        long prefix = Math.min(batching.maxPrefixLen(), maxModelLen());
        return token * (batching.maxNumSeqs() * (maxModelLen() + 1L) + batching.prefixes() * prefix);
    }

    /** Room for the adapters: on a GPU a B has zeros where its stack's other modules are, a processor goes without them. */
    long adapters() {
        boolean zeros = options.device().isCuda();
        long row = Arrays.stream(LinearStack.values())
                .mapToLong(stack -> {
                    long modules = stack.modules().size();
                    return modules * stack.inFeatures(config) + (zeros ? modules : 1) * stack.outFeatures(config);
                })
                .sum();
        return (long) config.numHiddenLayers()
                * options.loras().rankRows()
                * row
                * options.dtype().byteSize();
    }

    long total() {
        return weights() + cache() + adapters();
    }

    private int maxModelLen() {
        int limit = options.batching().maxModelLen();
        return limit == 0 ? config.maxPositionEmbeddings() : limit;
    }

    /** What is needed, what is there, and what to lower to what so that it fits, for a person. */
    String advice(Optional<DeviceMemory> memory) {
        String needed = String.format(
                Locale.ROOT,
                "%s has too little memory: about %.1f GiB are needed (weights %.1f, cache %.1f, adapters %.1f)",
                options.device().torchName(),
                total() / GIB,
                weights() / GIB,
                cache() / GIB,
                adapters() / GIB);
        if (memory.isEmpty()) {
            return needed + "; lower max_num_seqs, max_model_len or max_lora_rank, or quantize the base";
        }
        long free = memory.get().free();
        List<String> enough = proposals((long) (free * USABLE));
        return needed
                + String.format(Locale.ROOT, " and %.1f were free; ", free / GIB)
                + (enough.isEmpty()
                        ? "lower max_num_seqs, max_model_len and max_lora_rank together, or take a smaller model"
                        : "one of these would be enough: " + String.join(", ", enough));
    }

    /** Changes of one setting after which all fits in so many bytes. */
    private List<String> proposals(long bytes) {
        List<String> enough = new ArrayList<>();
        Batching batching = options.batching();
        Loras loras = options.loras();
        largest(batching.maxNumSeqs() - 1, 1, bytes, n -> options.with(batching.with(n, batching.maxModelLen())))
                .ifPresent(n -> enough.add("max_num_seqs %d instead of %d".formatted(n, batching.maxNumSeqs())));
        largest(
                        (maxModelLen() - 1) / CONTEXT_STEP,
                        CONTEXT_STEP,
                        bytes,
                        n -> options.with(batching.with(batching.maxNumSeqs(), n)))
                .ifPresent(n -> enough.add("max_model_len %d instead of %d".formatted(n, maxModelLen())));
        if (loras.maxLoraRanks() == 0) {
            largest(loras.maxLoraRank() - 1, 1, bytes, n -> options.with(loras.withMaxLoraRank(n)))
                    .ifPresent(n -> enough.add("max_lora_rank %d instead of %d".formatted(n, loras.maxLoraRank())));
        }
        if (held == Quantization.NONE) {
            List.of(Quantization.INT8, Quantization.INT4, Quantization.NF4).stream()
                    .filter(other -> new ServingMemory(config, options, other).total() <= bytes)
                    .findFirst()
                    .ifPresent(other -> enough.add("quantization " + other.id()));
        }
        return enough;
    }

    /** The largest multiple of a step, up to so many of them, with which it fits. */
    private Optional<Integer> largest(int most, int step, long bytes, IntFunction<InferenceOptions> changed) {
        return IntStream.iterate(most, n -> n > 0, n -> n - 1)
                .map(n -> n * step)
                .filter(n -> new ServingMemory(config, changed.apply(n), held).total() <= bytes)
                .boxed()
                .findFirst();
    }
}
