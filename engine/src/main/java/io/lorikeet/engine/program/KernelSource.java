package io.lorikeet.engine.program;

import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.model.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The kernels of decode steps (CUDA C++ under {@code resources/…/program/kernels}) for one model, one device and a number of
 * sequences.
 *
 * @param sequences in sixteens, at most
 */
record KernelSource(ProgramOptions options, Gpu gpu, int sequences) {
    /** Rows of a step that kernels serve at most. */
    static final int MOST_ROWS = 64;
    /** Sequences that the matrix units take at once. */
    static final int SIXTEEN = 16;

    private static final List<String> FILES = List.of("common", "product", "attention", "norm");
    /** What a block has beside the memory that it asks for. */
    private static final int STATIC_MEMORY = 2048;

    private static final int TILE = 8;
    private static final int CHUNK = 128;
    private static final int MOST_SLICES = 8;
    private static final int LARGEST_GROUP = 16;

    /** Why a program has no kernels; empty: it may have some, as far as its options go. */
    static Optional<String> obstacle(ProgramOptions options) {
        ModelConfig config = options.config();
        if (!options.device().isCuda()) {
            return Optional.of("the device is a processor");
        }
        if (options.kernels() == Kernels.OFF) {
            return Optional.of("they are switched off");
        }
        if (options.dtype() != DType.BF16 || options.weights() != WeightFormat.DENSE) {
            return Optional.of("they are for weights in bfloat16");
        }
        if (config.numAttentionHeads() / config.numKeyValueHeads() > LARGEST_GROUP) {
            return Optional.of("more than " + LARGEST_GROUP + " query heads share a key");
        }
        boolean even = config.hiddenSize() % TILE == 0
                && config.intermediateSize() % TILE == 0
                && config.headDim() % TILE == 0
                && config.vocabSize() % TILE == 0;
        return even ? Optional.empty() : Optional.of("a size of the model is not a multiple of " + TILE);
    }

    /** Whether they serve adapters: rank rows come in tiles. */
    boolean servesAdapters() {
        return options.loraRankRows() % TILE == 0;
    }

    /** All of it: the sizes, the files, the products for this number of sequences. */
    String text() {
        String sizes = definitions().entrySet().stream()
                .map(e -> "#define " + e.getKey() + " " + e.getValue() + "\n")
                .collect(Collectors.joining());
        return sizes
                + FILES.stream().map(KernelSource::file).collect(Collectors.joining())
                + "PRODUCTS(" + sequences + ")\n";
    }

    private Map<String, Integer> definitions() {
        ModelConfig config = options.config();
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("HIDDEN", config.hiddenSize());
        sizes.put("HEADS", config.numAttentionHeads());
        sizes.put("KV_HEADS", config.numKeyValueHeads());
        sizes.put("HEAD_DIM", config.headDim());
        sizes.put("INTERMEDIATE", config.intermediateSize());
        sizes.put("VOCAB", config.vocabSize());
        sizes.put("RANK_ROWS", servesAdapters() ? options.loraRankRows() : TILE);
        sizes.put("SLOTS", options.maxNumSeqs());
        sizes.put("BLOCKS", gpu.multiprocessors());
        sizes.put("SHARED", gpu.sharedMemory() - STATIC_MEMORY);
        sizes.put("QKV_SLICES", slices(LinearStack.QKV_PROJ));
        sizes.put("O_SLICES", slices(LinearStack.O_PROJ));
        sizes.put("DOWN_SLICES", slices(LinearStack.DOWN_PROJ));
        return sizes;
    }

    /** Into how many slices of columns a stack's product is cut, so that all blocks have about the same to do. */
    int slices(LinearStack stack) {
        if (stack == LinearStack.GATE_UP_PROJ) {
            return 1;
        }
        int columns = stack.inFeatures(options.config());
        int rows = stack.outFeatures(options.config());
        int best = 1;
        double least = Double.MAX_VALUE;
        for (int slices = 1; slices <= Math.min(MOST_SLICES, ceilDiv(columns, CHUNK)); slices++) {
            double cost = cost(stack, columns, rows, slices);
            if (cost < least) {
                least = cost;
                best = slices;
            }
        }
        return best;
    }

    /** In bytes of the device's memory: what a block reads, what a chunk's latency is worth, the parts that are added up later. */
    private double cost(LinearStack stack, int columns, int rows, int slices) {
        int n = SIXTEEN * sequences;
        int tiles = ceilDiv(ceilDiv(rows, TILE), gpu.multiprocessors() / slices);
        int adapters = ceilDiv(stack.modules().size() * options.loraRankRows(), CHUNK);
        int chunks = ceilDiv(ceilDiv(columns, CHUNK) + adapters, slices);
        double chunk = 2.0 * CHUNK * (TILE * tiles + 0.3 * n) + 6000;
        return chunks * chunk + 1.5 * slices * n * rows * Float.BYTES * 2 / gpu.multiprocessors();
    }

    private static int ceilDiv(int a, int b) {
        return Math.ceilDiv(a, b);
    }

    private static String file(String name) {
        String resource = "kernels/" + name + ".cu";
        try (InputStream in = KernelSource.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource missing: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
