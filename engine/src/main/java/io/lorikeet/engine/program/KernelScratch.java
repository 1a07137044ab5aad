package io.lorikeet.engine.program;

import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.model.ModelConfig;
import java.util.List;

/**
 * What the kernels of a decode step hand on to each other, in one piece of the device's memory; shapes are in their files. All
 * addresses stay as they are.
 */
final class KernelScratch implements AutoCloseable {
    private static final long ALIGNMENT = 256;
    private static final List<LinearStack> STACKS = List.of(LinearStack.values());
    /** Counters of a product. */
    private static final int COUNTERS = 2;

    private static final int TILE = 8;

    private final CudaDriver driver;
    private final long memory;
    private final int counterCount;
    private long size;

    private final long residual;
    private final long normed;
    private final long activated;
    private final long parts;
    private final long lora;
    private final long loraParts;
    private final long shares;
    private final long sums;
    private final long counters;
    private final long arrived;

    /**
     * Takes the memory.
     *
     * @param rows of a step at most
     * @param slices of a product at most
     * @param splits of a head's attention at most
     */
    KernelScratch(CudaStream stream, ProgramOptions options, int rows, int blocks, int slices, int splits) {
        ModelConfig config = options.config();
        int widest = STACKS.stream()
                .filter(stack -> stack != LinearStack.GATE_UP_PROJ)
                .mapToInt(stack -> stack.outFeatures(config))
                .max()
                .orElseThrow();
        int modules =
                STACKS.stream().mapToInt(stack -> stack.modules().size()).max().orElseThrow();
        long aRows = (long) modules * options.loraRankRows();
        int group = config.numAttentionHeads() / config.numKeyValueHeads();
        long heads = (long) rows * config.numKeyValueHeads();
        counterCount = config.numHiddenLayers() * STACKS.size() * COUNTERS;
        residual = place((long) rows * config.hiddenSize() * Float.BYTES);
        normed = place((long) rows * Math.max(config.hiddenSize(), config.attentionSize()) * Short.BYTES);
        activated = place((long) rows * config.intermediateSize() * Short.BYTES);
        parts = place((long) slices * rows * widest * Float.BYTES);
        lora = place(KernelSource.MOST_ROWS * aRows * Short.BYTES);
        loraParts = place(Math.max(blocks, aRows / TILE + 1) * KernelSource.MOST_ROWS * TILE * Float.BYTES);
        shares = place(heads * splits * group * config.headDim() * Float.BYTES);
        sums = place(heads * splits * 2 * group * Float.BYTES);
        counters = place((long) counterCount * Integer.BYTES);
        arrived = place(heads * Integer.BYTES);
        driver = stream.driver();
        memory = driver.allocate(size, stream.handle());
    }

    private long place(long bytes) {
        long at = size;
        size = Math.ceilDiv(size + bytes, ALIGNMENT) * ALIGNMENT;
        return at;
    }

    /** The residual stream. */
    long residual() {
        return memory + residual;
    }

    /** What a norm or attention gives to the next product. */
    long normed() {
        return memory + normed;
    }

    /** What SwiGLU gives. */
    long activated() {
        return memory + activated;
    }

    /** A product's slices. */
    long parts() {
        return memory + parts;
    }

    /** What the A's give. */
    long lora() {
        return memory + lora;
    }

    long loraParts() {
        return memory + loraParts;
    }

    /** Of attention that several blocks share. */
    long shares() {
        return memory + shares;
    }

    long sums() {
        return memory + sums;
    }

    long arrived() {
        return memory + arrived;
    }

    /** Those of all products. */
    long counters() {
        return memory + counters;
    }

    int counterCount() {
        return counterCount;
    }

    /** Those of one. */
    long counters(int layer, LinearStack stack) {
        return counters() + (long) (layer * STACKS.size() + STACKS.indexOf(stack)) * COUNTERS * Integer.BYTES;
    }

    @Override
    public void close() {
        driver.free(memory);
    }
}
