package io.lorikeet.engine.generation;

/**
 * What one row more costs a pass of the model, as a part of a pass with one row, by how long passes have taken. Where reading
 * the weights is what takes the time, that is little.
 */
final class PassCost {
    /** Until passes have been seen. */
    private static final double ASSUMED = 0.05;

    /** What was assumed weighs as so many passes of one row more or less than the mean. */
    private static final double TRUST = 30;

    private static final double DEAREST = 1;
    private static final int WINDOW = 16;

    /** By number of rows: a running mean, and passes that it is of. */
    private final double[] nanos;

    private final int[] passes;

    /** @param maxRows passes of more are not looked at */
    PassCost(int maxRows) {
        nanos = new double[maxRows + 1];
        passes = new int[maxRows + 1];
    }

    void ran(int rows, long took) {
        if (rows < nanos.length) {
            passes[rows] = Math.min(passes[rows] + 1, WINDOW);
            // what was interrupted says nothing of the model
            double counted = passes[rows] == 1 ? (double) took : Math.min((double) took, 2 * nanos[rows]);
            nanos[rows] += (counted - nanos[rows]) / passes[rows];
        }
    }

    /** A straight line through what was seen. */
    double perRow() {
        double weight = 0;
        double rows = 0;
        double time = 0;
        for (int n = 1; n < nanos.length; n++) {
            weight += passes[n];
            rows += (double) passes[n] * n;
            time += passes[n] * nanos[n];
        }
        if (time == 0) {
            return ASSUMED;
        }
        double meanRows = rows / weight;
        double meanTime = time / weight;
        double together = 0;
        double squares = 0;
        for (int n = 1; n < nanos.length; n++) {
            together += passes[n] * (n - meanRows) * (nanos[n] - meanTime);
            squares += passes[n] * (n - meanRows) * (n - meanRows);
        }
        double assumedRow = ASSUMED * meanTime / (1 + ASSUMED * (meanRows - 1));
        double row = (together + TRUST * assumedRow) / (squares + TRUST);
        double one = Math.max(meanTime - row * (meanRows - 1), meanTime / nanos.length);
        return Math.clamp(row / one, ASSUMED / 10, DEAREST);
    }
}
