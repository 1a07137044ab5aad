package io.lorikeet.engine.training;

/**
 * The learning rate of each optimiser step: a linear warmup from 0, then the schedule's own course. As transformers computes
 * them; with a warmup the first step has learning rate 0.
 *
 * @param learningRate the highest
 * @param warmupSteps steps of the warmup
 * @param maxSteps steps of the whole training
 */
public record LearningRateSchedule(Type type, double learningRate, long warmupSteps, long maxSteps) {
    /** What follows the warmup. */
    public enum Type {
        /** Half a cosine down to 0. */
        COSINE,
        /** A straight line down to 0. */
        LINEAR,
        /** No change. */
        CONSTANT
    }

    public LearningRateSchedule {
        if (!(learningRate > 0) || !Double.isFinite(learningRate)) {
            throw new TrainingException("learning_rate: expected a number above 0, found " + learningRate);
        }
        if (warmupSteps < 0 || maxSteps < 1 || warmupSteps > maxSteps) {
            throw new TrainingException(
                    "warmup: expected from 0 to max_steps " + maxSteps + " steps, found " + warmupSteps);
        }
    }

    /** The learning rate of step {@code step}, counted from 0. */
    public double at(long step) {
        if (step < warmupSteps) {
            return learningRate * ((double) step / Math.max(1, warmupSteps));
        }
        double progress = (double) (step - warmupSteps) / Math.max(1, maxSteps - warmupSteps);
        double factor =
                switch (type) {
                    case COSINE -> 0.5 * (1 + Math.cos(Math.PI * progress));
                    case LINEAR -> (double) (maxSteps - step) / Math.max(1, maxSteps - warmupSteps);
                    case CONSTANT -> 1;
                };
        return learningRate * Math.max(0, factor);
    }
}
