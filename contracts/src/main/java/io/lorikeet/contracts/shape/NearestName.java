package io.lorikeet.contracts.shape;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.DamerauLevenshteinDistance;

/** Guesses what a mistyped name was meant to be. */
public final class NearestName {
    /** Nothing is called by a longer name, and comparing one costs. */
    private static final int LONGEST = 64;

    private NearestName() {}

    /** The closest of the known names, if any is close enough to be a likely typing error. */
    public static Optional<String> of(String name, Collection<String> known) {
        if (name.length() > LONGEST) {
            return Optional.empty();
        }
        // insertions, deletions, substitutions, swaps of neighbours; -1 beyond what is tolerated
        var distance = new DamerauLevenshteinDistance(Math.max(1, name.length() / 3));
        return known.stream()
                .filter(candidate -> distance.apply(name, candidate) >= 0)
                .min(Comparator.<String>comparingInt(candidate -> distance.apply(name, candidate))
                        .thenComparing(Comparator.naturalOrder()));
    }
}
