package io.lorikeet.engine.training;

import io.lorikeet.engine.program.PackedPass;
import java.util.List;

/**
 * The rows of an optimiser step, checked, divided among the devices and packed, so that this can be done before the step's
 * turn comes.
 *
 * @param maxTokens what the passes were packed within
 * @param shares each device's rows as they go through the model
 * @param supervisedTokens tokens that the loss is over
 * @param tokens all tokens
 */
public record PreparedWindow(
        List<TrainingExample> rows, int maxTokens, List<List<PackedPass>> shares, long supervisedTokens, long tokens) {

    static PreparedWindow of(List<TrainingExample> rows, int maxTokens, int devices) {
        return new PreparedWindow(
                List.copyOf(rows),
                maxTokens,
                Packer.share(rows, devices).stream()
                        .map(share -> List.copyOf(Packer.pack(share, maxTokens)))
                        .toList(),
                supervisedTokens(rows),
                rows.stream().mapToLong(TrainingExample::length).sum());
    }

    /** The same rows in passes of at most so many tokens. */
    PreparedWindow within(int limit) {
        return limit == maxTokens ? this : of(rows, limit, shares.size());
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
