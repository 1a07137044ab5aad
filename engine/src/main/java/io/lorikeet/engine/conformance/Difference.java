package io.lorikeet.engine.conformance;

import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.training.TrainingException;

/** How far computed logits are from the reference's. */
final class Difference {
    private final float[] expected;
    private double largest;
    private double squares;
    private double expectedSquares;
    private int at;

    Difference(float[] expected) {
        this.expected = expected;
    }

    /** The next ones. */
    void add(float[] computed) {
        if (at + computed.length > expected.length) {
            throw new TrainingException("expected " + expected.length + " logits, computed more");
        }
        for (float value : computed) {
            double difference = Math.abs(value - expected[at]);
            // Math.max keeps a NaN
            largest = Math.max(largest, difference);
            squares += difference * difference;
            expectedSquares += (double) expected[at] * expected[at];
            at++;
        }
    }

    /** In float32 the largest of them, in bfloat16 relative, of all together. */
    double in(DType dtype) {
        if (at != expected.length) {
            throw new TrainingException("expected " + expected.length + " logits, computed " + at);
        }
        return dtype == DType.F32 ? largest : Math.sqrt(squares / expectedSquares);
    }
}
