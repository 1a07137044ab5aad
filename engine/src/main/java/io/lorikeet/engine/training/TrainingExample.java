package io.lorikeet.engine.training;

import io.lorikeet.engine.program.MicroBatch;

/**
 * One tokenised row.
 *
 * @param inputIds [t]
 * @param labels [t], not shifted: the id itself where it is to be predicted, -100 elsewhere
 */
@SuppressWarnings("ArrayRecordComponent") // rows are read once and never compared
public record TrainingExample(int[] inputIds, int[] labels) implements MicroBatch.Row {
    public TrainingExample {
        if (inputIds.length != labels.length) {
            throw new IllegalArgumentException(
                    "labels: expected one for each of " + inputIds.length + " tokens, found " + labels.length);
        }
    }
}
