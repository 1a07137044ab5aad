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

    /** Passes of at most {@code maxTokens} tokens; a longer row gets a pass of its own. The same rows give the same passes. */
    static List<PackedPass> pack(List<TrainingExample> rows, int maxTokens) {
        List<TrainingExample> byLength = new ArrayList<>(rows);
        byLength.sort(Comparator.comparingInt(TrainingExample::length).reversed());
        List<PackedPass> passes = new ArrayList<>();
        List<TrainingExample> open = new ArrayList<>();
        int tokens = 0;
        for (TrainingExample row : byLength) {
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
}
