package io.lorikeet.gateway.inference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;

/** How many tokens a second a replica generates, by what it says of all that it has generated. Thread-safe. */
final class TokenRate {
    /** Probes that it is looked at over: with one a second, ten seconds. */
    private static final int PROBES = 11;

    private static final double NANOS = 1e9;

    private record Count(long tokens, long nanos) {}

    private final Deque<Count> counts = new ArrayDeque<>();

    /** It says so now; fewer than before, it has started anew. */
    synchronized void counted(long tokens, long nanos) {
        if (!counts.isEmpty() && counts.getLast().tokens() > tokens) {
            counts.clear();
        }
        counts.addLast(new Count(tokens, nanos));
        if (counts.size() > PROBES) {
            counts.removeFirst();
        }
    }

    /** It has not said anything. */
    synchronized void silent() {
        counts.clear();
    }

    /** Empty until it has said so twice. */
    synchronized OptionalDouble perSecond() {
        if (counts.size() < 2) {
            return OptionalDouble.empty();
        }
        var first = counts.getFirst();
        var last = counts.getLast();
        return OptionalDouble.of((last.tokens() - first.tokens()) * NANOS / (last.nanos() - first.nanos()));
    }
}
