package io.lorikeet.trainer.plan;

import io.lorikeet.trainer.dataset.Sampling;
import java.util.ArrayList;
import java.util.List;

/** The batch of each optimiser step: each epoch in a new order, which only seed and epoch decide. */
public final class Batches {
    private final RunPlan plan;
    private final long seed;
    private int epoch = -1;
    private int[] order;

    /**
     * Batches of a plan.
     *
     * @param seed of the rows' order
     */
    public Batches(RunPlan plan, long seed) {
        this.plan = plan;
        this.seed = seed;
    }

    /**
     * What of {@code all} the step learns from.
     *
     * @param step 0-based
     */
    public <T> List<T> of(int step, List<T> all) {
        int wanted = step / plan.stepsPerEpoch();
        if (wanted != epoch) {
            epoch = wanted;
            order = Sampling.permutation(plan.rows(), seed, epoch);
        }
        int from = step % plan.stepsPerEpoch() * plan.rowsPerStep();
        int to = Math.min(from + plan.rowsPerStep(), plan.rows());
        var batch = new ArrayList<T>(to - from);
        for (int i = from; i < to; i++) {
            batch.add(all.get(order[i]));
        }
        return batch;
    }
}
