package io.lorikeet.engine.generation;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The sequences that get a token in one decode step, in the order of their cache slots.
 *
 * @param drafts of each of them, tokens that it may say next, which the step checks; often none
 * @param launched when the step was given to the device, in nanoseconds
 */
record DecodeBatch(List<Sequence> sequences, List<int[]> drafts, long launched) {
    /** Cache slots 0 … n-1 that the step goes over. */
    int slots() {
        return sequences.getLast().slot() + 1;
    }

    /** Rows of the model's pass: a sequence's own, and its draft's. */
    int rows() {
        return sequences.size() + drafts.stream().mapToInt(d -> d.length).sum();
    }

    boolean hasDrafts() {
        return rows() > sequences.size();
    }

    /** Cached positions of the longest sequence after the step. */
    int longest() {
        return IntStream.range(0, sequences.size())
                .map(i -> sequences.get(i).nextLength() + drafts.get(i).length)
                .max()
                .orElseThrow();
    }
}
