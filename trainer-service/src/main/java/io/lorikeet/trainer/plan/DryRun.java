package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.DryRunReport.DroppedRow;
import io.lorikeet.contracts.DryRunReport.LengthBucket;
import io.lorikeet.contracts.DryRunReport.Memory;
import io.lorikeet.engine.program.DeviceMemory;
import io.lorikeet.engine.training.MemoryEstimate;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.trainer.dataset.TokenisedRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a run would do, told from its preparation alone. */
public final class DryRun {
    private static final int DROPPED_LISTED = 1_000;
    private static final int BUCKETS = 12;

    private DryRun() {}

    /**
     * Reads the data and the model's configuration, and no weights.
     *
     * @param alive called now and then while the data is read
     * @throws io.lorikeet.trainer.RunException as {@link Preparation#of}
     */
    public static DryRunReport of(RunSetup setup, Runnable alive) throws IOException {
        return report(Preparation.of(setup, alive));
    }

    private static DryRunReport report(Preparation run) {
        TrainingData data = run.data();
        TrainingOptions options = run.options();
        TokenisedRows rows = data.train();
        int longest = data.longestRow();
        long tokens = 0;
        long supervised = 0;
        var batches = new Batches(run.plan(), options.seed());
        for (int step = 0; step < Math.min(run.plan().maxSteps(), run.plan().stepsPerEpoch()); step++) {
            for (int row : batches.numbers(step)) {
                tokens += rows.length(row);
                supervised += rows.supervisedTokens(row);
            }
        }
        double epochs = Math.max(1, run.plan().epoch(run.plan().maxSteps()));
        MemoryEstimate memory = MemoryEstimate.of(run.config(), options);
        long batch = (long) longest * run.plan().rowsPerStep();
        int microBatch = (int) Math.min(batch, Math.max(longest, options.maxTokensPerPass()));
        return new DryRunReport(
                rows.size(),
                data.validation().size(),
                data.dropped().size(),
                data.dropped().stream()
                        .limit(DROPPED_LISTED)
                        .map(row -> new DroppedRow(row.source().toString(), row.why(), row.tokens()))
                        .toList(),
                histogram(rows, longest),
                run.plan().maxSteps(),
                run.plan().rowsPerStep(),
                Math.round(tokens * epochs),
                Math.round(supervised * epochs),
                longest,
                MemoryEstimate.trainableParameters(run.config(), options.lora()),
                new Memory(
                        memory.weights(),
                        memory.training(),
                        memory.activations(microBatch),
                        DeviceMemory.ofEach(options.devices())
                                .map(DeviceMemory::free)
                                .orElse(null),
                        options.maxTokensPerPass(),
                        options.gradientCheckpointing()),
                data.forbiddenWords(),
                data.files(),
                run.warnings());
    }

    /** Buckets of equal width, a round number of tokens, up to the longest row. */
    private static List<LengthBucket> histogram(TokenisedRows rows, int longest) {
        int width = 1;
        // 1, 2, 5, 10, 20, 50 …
        while (longest / width >= BUCKETS) {
            width = Integer.toString(width).startsWith("2") ? width / 2 * 5 : width * 2;
        }
        int[] counts = new int[longest / width + 1];
        for (int row = 0; row < rows.size(); row++) {
            counts[rows.length(row) / width]++;
        }
        var buckets = new ArrayList<LengthBucket>();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0 || !buckets.isEmpty()) {
                buckets.add(new LengthBucket(i * width, (i + 1) * width - 1, counts[i]));
            }
        }
        return buckets;
    }
}
