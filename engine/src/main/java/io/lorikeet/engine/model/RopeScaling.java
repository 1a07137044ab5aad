package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How a rotary embedding is stretched to texts longer than those it was trained on. It comes down to a factor for each
 * frequency and one for the rotated vectors, so the program knows no kinds.
 */
public sealed interface RopeScaling {
    /**
     * What each frequency is multiplied by, the highest first.
     *
     * @param headDim size of an attention head, twice the number of frequencies
     * @param theta their base
     */
    double[] frequencyFactors(int headDim, double theta);

    /** What a rotated vector is multiplied by. */
    default double attentionFactor() {
        return 1;
    }

    /** Positions that a model has with it, of which config.json names so many. */
    default int maxPositions(int maxPositionEmbeddings) {
        return maxPositionEmbeddings;
    }

    /** Frequency number {@code pair} of a rotary embedding. */
    private static double frequency(int pair, int headDim, double theta) {
        return StrictMath.pow(theta, -2.0 * pair / headDim);
    }

    private static void atLeastOne(String field, double value) {
        if (!(value >= 1 && Double.isFinite(value))) {
            throw new IllegalArgumentException(field + ": expected a number from 1, found " + value);
        }
    }

    /** As trained. */
    record None() implements RopeScaling {
        @Override
        public double[] frequencyFactors(int headDim, double theta) {
            double[] factors = new double[headDim / 2];
            Arrays.fill(factors, 1);
            return factors;
        }
    }

    /**
     * YaRN (Peng et al., arXiv:2309.00071): high frequencies stay, low ones are divided by {@code factor}, with a ramp between.
     *
     * @param originalMaxPositionEmbeddings positions that it was trained on
     * @param betaFast rotations over these from which a frequency stays
     * @param betaSlow rotations below which it is divided whole
     * @param truncate whether the ramp begins and ends at whole frequencies
     */
    record Yarn(
            double factor,
            int originalMaxPositionEmbeddings,
            double betaFast,
            double betaSlow,
            double attentionFactor,
            boolean truncate)
            implements RopeScaling {
        public Yarn {
            atLeastOne("factor", factor);
        }

        /** The paper's factor for rotated vectors: 0.1 · mscale · ln factor + 1. */
        public static double attentionFactor(double factor, double mscale) {
            return factor <= 1 ? 1 : 0.1 * mscale * StrictMath.log(factor) + 1;
        }

        @Override
        public double[] frequencyFactors(int headDim, double theta) {
            double first = pairWithRotations(betaFast, headDim, theta);
            double last = pairWithRotations(betaSlow, headDim, theta);
            double low = Math.max(truncate ? Math.floor(first) : first, 0);
            double high = Math.min(truncate ? Math.ceil(last) : last, headDim - 1);
            double width = low == high ? 0.001 : high - low;
            return IntStream.range(0, headDim / 2)
                    .mapToDouble(pair -> {
                        double divided = Math.clamp((pair - low) / width, 0, 1);
                        return divided / factor + (1 - divided);
                    })
                    .toArray();
        }

        /** The frequency that makes so many rotations over the positions trained on. */
        private double pairWithRotations(double rotations, int headDim, double theta) {
            double wavelength = originalMaxPositionEmbeddings / (rotations * 2 * Math.PI);
            return headDim * StrictMath.log(wavelength) / (2 * StrictMath.log(theta));
        }

        @Override
        public int maxPositions(int maxPositionEmbeddings) {
            return Math.max(maxPositionEmbeddings, (int) Math.round(factor * originalMaxPositionEmbeddings));
        }
    }

    /**
     * Llama 3.1's: frequencies whose waves are long beside the positions trained on are divided by {@code factor}, short ones
     * stay, with a ramp between.
     *
     * @param lowFreqFactor waves over the trained positions below which a frequency is divided whole
     * @param highFreqFactor waves from which it stays
     * @param originalMaxPositionEmbeddings positions that it was trained on
     */
    record Llama3(double factor, double lowFreqFactor, double highFreqFactor, int originalMaxPositionEmbeddings)
            implements RopeScaling {
        public Llama3 {
            atLeastOne("factor", factor);
            if (!(lowFreqFactor > 0 && highFreqFactor > lowFreqFactor)) {
                throw new IllegalArgumentException("high_freq_factor: expected more than low_freq_factor "
                        + lowFreqFactor + ", which is to be above 0, found " + highFreqFactor);
            }
        }

        @Override
        public double[] frequencyFactors(int headDim, double theta) {
            return IntStream.range(0, headDim / 2)
                    .mapToDouble(pair -> {
                        double waves = originalMaxPositionEmbeddings * frequency(pair, headDim, theta) / (2 * Math.PI);
                        double kept = Math.clamp((waves - lowFreqFactor) / (highFreqFactor - lowFreqFactor), 0, 1);
                        return (1 - kept) / factor + kept;
                    })
                    .toArray();
        }
    }
}
