package io.lorikeet.benchmarks.report;

/**
 * A figure and the bound it has to keep.
 *
 * @param atMost whether the bound is the largest good value; otherwise it is the smallest
 */
public record Goal(Figure figure, double bound, boolean atMost) {

    public static Goal atMost(Figure figure, double bound) {
        return new Goal(figure, bound, true);
    }

    public static Goal atLeast(Figure figure, double bound) {
        return new Goal(figure, bound, false);
    }

    /** A figure that is no number keeps no bound. */
    public boolean met() {
        return atMost ? figure.value() <= bound : figure.value() >= bound;
    }

    /** The bound as people write it. */
    public String boundText() {
        return (atMost ? "≤ " : "≥ ") + new Figure("", bound, figure.unit()).text();
    }
}
