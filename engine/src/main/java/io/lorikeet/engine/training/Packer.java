package io.lorikeet.engine.training;

import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.MicroBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Splits the rows of a batch into micro-batches. Since the loss is normalised over the whole batch, any split gives the same
 * gradient; so rows of like length go together, which leaves attention little padding.
 *
 * @param maxTokens of a micro-batch; a longer row gets a micro-batch of its own
 * @param devices among which rows are divided
 * @param leastShared see {@link MicroBatch#of}
 */
record Packer(int maxTokens, int devices, int leastShared) {
    /** A GPU computes a thousand tokens in the time that it takes to launch what shares them. */
    private static final int LEAST_SHARED_CUDA = 1024;

    static Packer of(TrainingOptions options) {
        List<Device> devices = options.devices();
        return new Packer(
                options.maxTokensPerPass(), devices.size(), devices.getFirst().isCuda() ? LEAST_SHARED_CUDA : 1);
    }

    /**
     * Divides rows among the devices, about as many tokens each: the longest rows first, each to who has least. Rows that
     * teach nothing are left out. The same rows give the same division.
     */
    List<List<TrainingExample>> share(List<TrainingExample> rows) {
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

    /** The same rows give the same micro-batches. */
    List<MicroBatch> pack(List<TrainingExample> rows) {
        List<MicroBatch> microBatches = new ArrayList<>();
        List<TrainingExample> open = new ArrayList<>();
        int tokens = 0;
        for (TrainingExample row : longestFirst(rows)) {
            if (!open.isEmpty() && tokens + row.length() > maxTokens) {
                microBatches.add(MicroBatch.of(open, leastShared));
                open.clear();
                tokens = 0;
            }
            open.add(row);
            tokens += row.length();
        }
        if (!open.isEmpty()) {
            microBatches.add(MicroBatch.of(open, leastShared));
        }
        return microBatches;
    }

    private static List<TrainingExample> longestFirst(List<TrainingExample> rows) {
        List<TrainingExample> byLength = new ArrayList<>(rows);
        byLength.sort(Comparator.comparingInt(TrainingExample::length).reversed());
        return byLength;
    }
}
