package io.lorikeet.trainer.dataset;

import java.util.ArrayList;
import java.util.List;
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

    static <T> List<T> shuffled(List<T> rows, long seed, long stream) {
        var result = new ArrayList<T>(rows.size());
        for (int index : permutation(rows.size(), seed, stream)) {
            result.add(rows.get(index));
        }
        return result;
    }

    /** {@code n} rows without replacement if there are as many, else whole copies and a random rest. */
    static <T> List<T> take(List<T> rows, int n, long seed, long stream) {
        var result = new ArrayList<T>(n);
        while (rows.size() <= n - result.size()) {
            result.addAll(rows);
        }
        result.addAll(shuffled(rows, seed, stream).subList(0, n - result.size()));
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
