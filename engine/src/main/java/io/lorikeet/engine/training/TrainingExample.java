package io.lorikeet.engine.training;

import io.lorikeet.engine.program.MicroBatch;
import java.util.Arrays;

/**
 * One tokenised row.
 *
 * @param inputIds [t]
 * @param labels [t], not shifted: the id itself where it is to be predicted, -100 elsewhere
 * @param weights [t], how much each label counts in the loss; {@link #UNWEIGHTED} if each counts as 1
 */
@SuppressWarnings("ArrayRecordComponent") // rows are read once and never compared
public record TrainingExample(int[] inputIds, int[] labels, float[] weights) implements MicroBatch.Row {
    /** No weights. */
    public static final float[] UNWEIGHTED = {};

    public TrainingExample {
        if (inputIds.length != labels.length) {
            throw new IllegalArgumentException(
                    "labels: expected one for each of " + inputIds.length + " tokens, found " + labels.length);
        }
        if (weights.length != 0 && weights.length != labels.length) {
            throw new IllegalArgumentException(
                    "weights: expected one for each of " + labels.length + " labels, found " + weights.length);
        }
    }

    /** A row of which every label counts as 1. */
    public TrainingExample(int[] inputIds, int[] labels) {
        this(inputIds, labels, UNWEIGHTED);
    }

    /** Its tokens from here to there. */
    public TrainingExample range(int from, int to) {
        return new TrainingExample(
                Arrays.copyOfRange(inputIds, from, to),
                Arrays.copyOfRange(labels, from, to),
                weights.length == 0 ? UNWEIGHTED : Arrays.copyOfRange(weights, from, to));
    }
}
