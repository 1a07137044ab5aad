package io.lorikeet.engine.conformance;

import java.util.Locale;

/**
 * One comparison with the reference.
 *
 * @param what was compared
 * @param difference the largest found
 * @param bound the largest allowed
 */
public record Check(String what, double difference, double bound) {
    public boolean ok() {
        // not a number is not ok
        return difference <= bound;
    }

    /** As a line of a table. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%-58s largest difference %9.2e  bound %7.0e  %s",
                what,
                difference,
                bound,
                ok() ? "ok" : "NOT OK");
    }
}
