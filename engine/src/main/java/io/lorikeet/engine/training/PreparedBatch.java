package io.lorikeet.engine.training;

import io.lorikeet.engine.program.MicroBatch;
import java.util.List;

/**
 * The rows of an optimiser step, checked, divided among the devices and packed, so that this can be done before the step's
 * turn comes.
 *
 * @param packer how the micro-batches were packed
 * @param shares each device's rows as they go through the model
 * @param supervisedTokens tokens that the loss is over
 * @param tokens all tokens
 */
public record PreparedBatch(
        List<TrainingExample> rows, Packer packer, List<List<MicroBatch>> shares, long supervisedTokens, long tokens) {

    static PreparedBatch of(List<TrainingExample> rows, Packer packer) {
        return new PreparedBatch(
                List.copyOf(rows),
                packer,
                packer.share(rows).stream()
                        .map(share -> List.copyOf(packer.pack(share)))
                        .toList(),
                supervisedTokens(rows),
                rows.stream().mapToLong(TrainingExample::length).sum());
    }

    /** The same rows in other micro-batches. */
    PreparedBatch packedBy(Packer other) {
        return other.equals(packer) ? this : of(rows, other);
    }

    /** Tokens of the largest micro-batch. */
    int largestMicroBatch() {
        return shares.stream()
                .flatMap(List::stream)
                .mapToInt(MicroBatch::tokenCount)
                .max()
                .orElse(0);
    }

    /** Tokens of the longest row. */
    int longestRow() {
        return rows.stream().mapToInt(TrainingExample::length).max().orElse(0);
    }

    static long supervisedTokens(List<TrainingExample> rows) {
        return rows.stream().mapToLong(TrainingExample::supervisedTokens).sum();
    }
}
