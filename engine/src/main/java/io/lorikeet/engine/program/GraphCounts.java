package io.lorikeet.engine.program;

/**
 * How often decode steps ran as CUDA graphs.
 *
 * @param launches steps that ran as a graph
 * @param failures kinds of steps that could not be captured, and run piece by piece
 */
public record GraphCounts(long launches, long failures) {
    public static final GraphCounts NONE = new GraphCounts(0, 0);
}
