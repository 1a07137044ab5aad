package io.lorikeet.engine.generation;

import java.util.List;

/**
 * The sequences that get a token in one decode step, in the order of their cache slots.
 *
 * @param launched when the step was given to the device, in nanoseconds
 */
record DecodeBatch(List<Sequence> sequences, long launched) {
    /** Cache slots 0 … n-1 that the step goes over. */
    int slots() {
        return sequences.getLast().slot() + 1;
    }

    /** Cached positions of the longest sequence after the step. */
    int longest() {
        return sequences.stream().mapToInt(Sequence::nextLength).max().orElseThrow();
    }
}
