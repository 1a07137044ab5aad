package io.lorikeet.benchmarks.gpu;

import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.DeviceMemory;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.MemoryEstimate;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.engine.training.TrainingSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The reference job (50 rows of about 64 tokens, 10 epochs, windows of 16), and long rows with and without recomputation. */
final class TrainingFigures {
    private static final int ROWS = 50;
    private static final int EPOCHS = 10;
    private static final int WINDOW = 16;
    private static final int LONG_STEPS = 6;
    private static final double GIB = 1L << 30;

    private TrainingFigures() {}

    static void measure(
            Path model, List<Device> devices, DType dtype, LoraConfig lora, int row, boolean goals, Results results) {
        try (TrainingSession session = TrainingSession.start(options(model, devices, dtype, lora, false))) {
            int vocabulary = session.config().vocabSize();
            List<TrainingExample> rows = new ArrayList<>();
            for (int r = 0; r < ROWS; r++) {
                rows.add(OneCardTrainer.example(r, 56 + r % 17, vocabulary));
            }
            // the first step makes ready what the others use
            session.step(rows.subList(0, WINDOW), 1e-4);
            List<Double> steps = new ArrayList<>();
            for (int epoch = 0; epoch < EPOCHS; epoch++) {
                for (int from = 0; from < ROWS; from += WINDOW) {
                    long begun = System.nanoTime();
                    session.step(rows.subList(from, Math.min(ROWS, from + WINDOW)), 1e-4);
                    steps.add((System.nanoTime() - begun) / 1e6);
                }
            }
            var job =
                    Figure.of("time", steps.stream().mapToDouble(ms -> ms / 1e3).sum(), "s");
            results.row(
                    "train 50 rows × 10 epochs, " + steps.size() + " steps",
                    job,
                    Figure.of("median step", steps.stream().sorted().toList().get(steps.size() / 2), "ms"));
            var speed = Figure.of("training", tokensPerSecond(session, devices.size(), row), "tokens/s");
            results.row("train rows of " + row, speed, memoryUsed(session, row));
            if (goals) {
                results.goal(Goal.atMost(job, 4)).goal(Goal.atLeast(speed, 15_000));
            }
        }
        double recomputed;
        try (TrainingSession session = TrainingSession.start(options(model, devices, dtype, lora, true))) {
            recomputed = tokensPerSecond(session, devices.size(), row);
            results.row(
                    "train rows of " + row + ", recomputation",
                    Figure.of("training", recomputed, "tokens/s"),
                    memoryUsed(session, row));
        }
        try (TrainingSession session =
                TrainingSession.start(options(model, devices, dtype, lora, true).with(Quantization.NF4))) {
            double speed = tokensPerSecond(session, devices.size(), row);
            var ratio = Figure.of("÷ not quantised", speed / recomputed, "");
            var used = Figure.of("memory in use", used(session) / GIB, "GiB");
            results.row(
                    "train rows of " + row + ", recomputation, base in nf4",
                    Figure.of("training", speed, "tokens/s"),
                    ratio,
                    used,
                    memoryUsed(session, row));
            if (goals) {
                results.goal(Goal.atLeast(ratio, 0.6)).goal(Goal.atMost(used, 9));
            }
        }
    }

    /** One row for each device. */
    private static double tokensPerSecond(TrainingSession session, int rows, int row) {
        double best = 0;
        for (int step = 0; step < LONG_STEPS; step++) {
            List<TrainingExample> window = new ArrayList<>();
            for (int r = 0; r < rows; r++) {
                window.add(OneCardTrainer.example(
                        1000L + (long) step * rows + r, row, session.config().vocabSize()));
            }
            long begun = System.nanoTime();
            session.step(window, 1e-4);
            best = Math.max(best, (double) rows * row * 1e9 / (System.nanoTime() - begun));
        }
        return best;
    }

    /**
     * What the first device has in use, CUDA's context and PyTorch's spare blocks with it, over what the estimate says that a
     * pass of one row needs: at most 1, or an automatic budget would be too large.
     */
    private static Figure memoryUsed(TrainingSession session, int row) {
        double used = used(session);
        double estimated =
                MemoryEstimate.of(session.config(), session.options()).total(row);
        System.out.printf("used %.2f GiB, estimated %.2f GiB%n", used / GIB, estimated / GIB);
        return Figure.of("used ÷ estimated memory", used / estimated, "");
    }

    private static double used(TrainingSession session) {
        return DeviceMemory.of(session.options().devices().getFirst())
                .map(DeviceMemory::used)
                .orElse(0L);
    }

    private static TrainingOptions options(
            Path model, List<Device> devices, DType dtype, LoraConfig lora, boolean recomputation) {
        return new TrainingOptions(
                model,
                devices,
                dtype,
                DType.F32,
                Optional.of(lora),
                new AdamW(0.9, 0.999, 1e-8, 0.1),
                1.0,
                1,
                4096,
                recomputation);
    }
}
