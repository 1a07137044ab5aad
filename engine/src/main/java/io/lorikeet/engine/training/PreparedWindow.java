package io.lorikeet.engine.training;

import io.lorikeet.engine.program.PackedPass;
import java.util.List;

/**
 * The rows of an optimiser step, checked, divided among the devices and packed, so that this can be done before the step's
 * turn comes.
 *
 * @param packer how the passes were packed
 * @param shares each device's rows as they go through the model
 * @param supervisedTokens tokens that the loss is over
 * @param tokens all tokens
 */
public record PreparedWindow(
        List<TrainingExample> rows, Packer packer, List<List<PackedPass>> shares, long supervisedTokens, long tokens) {

    static PreparedWindow of(List<TrainingExample> rows, Packer packer) {
        return new PreparedWindow(
                List.copyOf(rows),
                packer,
                packer.share(rows).stream()
                        .map(share -> List.copyOf(packer.pack(share)))
                        .toList(),
                supervisedTokens(rows),
                rows.stream().mapToLong(TrainingExample::length).sum());
    }

    /** The same rows in other passes. */
    PreparedWindow packedBy(Packer other) {
        return other.equals(packer) ? this : of(rows, other);
    }

    /** Tokens of the largest pass. */
    int largestPass() {
        return shares.stream()
                .flatMap(List::stream)
                .mapToInt(PackedPass::tokenCount)
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
