package io.lorikeet.engine.program;

/**
 * How often decode steps ran as CUDA graphs, and as kernels of this engine's own.
 *
 * @param launches steps that ran as a graph
 * @param failures kinds of steps that could not be captured, and run piece by piece
 * @param kernelSteps steps whose layers ran as kernels of our own, in a graph or not
 */
public record GraphCounts(long launches, long failures, long kernelSteps) {
    public static final GraphCounts NONE = new GraphCounts(0, 0);

    GraphCounts(long launches, long failures) {
        this(launches, failures, 0);
    }

    GraphCounts with(long steps) {
        return new GraphCounts(launches, failures, steps);
    }
}
