package io.lorikeet.trainer.run;

import io.lorikeet.trainer.dataset.Sampling;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The rows of each optimiser step: each epoch in a new order, which only seed and epoch decide. */
final class Windows {
    private final RunPlan plan;
    private final long seed;
    private int epoch = -1;
    private int[] order;

    Windows(RunPlan plan, long seed) {
        this.plan = plan;
        this.seed = seed;
    }

    /** @param step 0-based */
    <T> List<T> rows(int step, List<T> all) {
        return IntStream.of(numbers(step)).mapToObj(all::get).toList();
    }

    /** Where the rows of a step stand among all. */
    int[] numbers(int step) {
        int wanted = step / plan.stepsPerEpoch();
        if (wanted != epoch) {
            epoch = wanted;
            order = Sampling.permutation(plan.rows(), seed, epoch);
        }
        int from = step % plan.stepsPerEpoch() * plan.rowsPerStep();
        int to = Math.min(from + plan.rowsPerStep(), plan.rows());
        return Arrays.copyOfRange(order, from, to);
    }
}
