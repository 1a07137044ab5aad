package io.lorikeet.engine.training;

import io.lorikeet.engine.program.PackedPass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Splits the rows of a window into passes. Since the loss is normalised over the whole window, any split gives the same
 * gradient; so rows of like length go together, which leaves attention little padding.
 */
final class Packer {
    private Packer() {}

    /**
     * Divides rows among so many devices, about as many tokens each: the longest rows first, each to who has least. Rows that
     * teach nothing are left out. The same rows give the same division.
     */
    static List<List<TrainingExample>> share(List<TrainingExample> rows, int devices) {
        List<List<TrainingExample>> shares = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            shares.add(new ArrayList<>());
        }
        long[] tokens = new long[devices];
        for (TrainingExample row : longestFirst(rows)) {
            if (row.supervisedTokens() > 0) {
                int least = 0;
                for (int i = 1; i < devices; i++) {
                    least = tokens[i] < tokens[least] ? i : least;
                }
                shares.get(least).add(row);
                tokens[least] += row.length();
            }
        }
        return shares;
    }

    /** Passes of at most {@code maxTokens} tokens; a longer row gets a pass of its own. The same rows give the same passes. */
    static List<PackedPass> pack(List<TrainingExample> rows, int maxTokens) {
        List<PackedPass> passes = new ArrayList<>();
        List<TrainingExample> open = new ArrayList<>();
        int tokens = 0;
        for (TrainingExample row : longestFirst(rows)) {
            if (!open.isEmpty() && tokens + row.length() > maxTokens) {
                passes.add(PackedPass.of(open));
                open.clear();
                tokens = 0;
            }
            open.add(row);
            tokens += row.length();
        }
        if (!open.isEmpty()) {
            passes.add(PackedPass.of(open));
        }
        return passes;
    }

    private static List<TrainingExample> longestFirst(List<TrainingExample> rows) {
        List<TrainingExample> byLength = new ArrayList<>(rows);
        byLength.sort(Comparator.comparingInt(TrainingExample::length).reversed());
        return byLength;
    }
}
