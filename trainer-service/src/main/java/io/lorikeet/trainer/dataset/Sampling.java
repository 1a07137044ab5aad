package io.lorikeet.trainer.dataset;

import java.util.Arrays;
import java.util.Random;

/**
 * Every random choice over rows. The same seed gives the same choice on every machine and JDK: {@link Random}'s
 * generator is part of its specification.
 */
public final class Sampling {
    private Sampling() {}

    /**
     * A random order of {@code 0 … n-1}.
     *
     * @param seed the job's seed
     * @param stream tells draws with one seed apart, for example the epoch
     */
    public static int[] permutation(int n, long seed, long stream) {
        var random = new Random(mix(seed, stream));
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    static int[] shuffled(int[] rows, long seed, long stream) {
        int[] result = permutation(rows.length, seed, stream);
        Arrays.setAll(result, i -> rows[result[i]]);
        return result;
    }

    /** {@code n} rows without replacement if there are as many, else whole copies and a random rest. */
    static int[] take(int[] rows, int n, long seed, long stream) {
        int[] result = new int[n];
        int copied = n - n % rows.length;
        for (int at = 0; at < copied; at += rows.length) {
            System.arraycopy(rows, 0, result, at, rows.length);
        }
        System.arraycopy(shuffled(rows, seed, stream), 0, result, copied, n - copied);
        return result;
    }

    /** Neighbouring seeds of {@link Random} begin alike; SplitMix64's finisher parts them. */
    private static long mix(long seed, long stream) {
        long z = seed * 0x9E3779B97F4A7C15L + stream;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
