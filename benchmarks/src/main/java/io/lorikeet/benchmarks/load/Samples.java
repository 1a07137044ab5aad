package io.lorikeet.benchmarks.load;

import java.util.Arrays;

/** Numbers of one kind, collected by many threads. */
public final class Samples {
    private double[] values = new double[1024];
    private int count;

    public synchronized void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    public synchronized int count() {
        return count;
    }

    /** The value that a part of them, 0 to 1, does not exceed; NaN if there are none. */
    public synchronized double quantile(double part) {
        if (count == 0) {
            return Double.NaN;
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(part * count) - 1)];
    }

    public double median() {
        return quantile(0.5);
    }

    public double p99() {
        return quantile(0.99);
    }
}
