package io.lorikeet.engine.sharing;

import io.lorikeet.engine.sharing.ServingSteps.Ended;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What pieces of a training cost steps that run at the same time. It cannot be read off a clock: while both run, both take longer.
 * But a step now and then runs alone, and what others take longer is what the pieces beside them cost.
 */
final class PieceCosts {
    private static final int STEPS_BETWEEN = 40;
    private static final double NEW = 0.25;
    /** Nothing costs more than it has taken, and hardly less than this part of it. */
    private static final double LEAST = 0.3;

    private final Map<Piece, Double> nanosAToken = new EnumMap<>(Piece.class);
    private final List<Ran> beside = new ArrayList<>();
    private double alone;
    /** Steps since one ran alone; two have to, for a piece may have reached into the first. */
    private int stepsSince = STEPS_BETWEEN;

    private int quiet;

    private record Ran(Piece piece, int tokens) {}

    /** Nanoseconds of a step alone; 0: not known yet. */
    double step() {
        return alone;
    }

    /** Whether no piece should run until a step has run alone. */
    boolean wantsStepAlone() {
        return stepsSince >= STEPS_BETWEEN;
    }

    /** Nanoseconds that a piece will cost; 0: not known yet. */
    double of(Piece piece, int tokens) {
        return nanosAToken.getOrDefault(piece, 0.0) * Math.max(1, tokens);
    }

    /** Takes note of steps that have ended, with the pieces since those before. */
    void learn(Ended ended) {
        double each = (double) ended.nanos() / ended.count();
        if (beside.isEmpty()) {
            quiet += Math.toIntExact(Math.min(ended.count(), STEPS_BETWEEN));
            if (quiet > 1) {
                alone = alone == 0 || stepsSince > STEPS_BETWEEN + 1 ? each : alone + NEW * (each - alone);
                stepsSince = 0;
            }
            return;
        }
        quiet = 0;
        stepsSince += Math.toIntExact(Math.min(ended.count(), STEPS_BETWEEN));
        alone = Math.min(alone, each);
        double predicted =
                beside.stream().mapToDouble(r -> of(r.piece, r.tokens)).sum();
        double ratio = Math.max(0.5, Math.min(2, (ended.nanos() - ended.count() * alone) / Math.max(1, predicted)));
        beside.stream()
                .map(Ran::piece)
                .distinct()
                .forEach(piece -> nanosAToken.computeIfPresent(piece, (_, known) -> known * (1 + NEW * (ratio - 1))));
        beside.clear();
    }

    /**
     * A piece has run.
     *
     * @param nanos that it took, whatever ran beside
     * @return what it will have cost
     */
    double ran(Piece piece, int tokens, long nanos) {
        double took = nanos / (double) Math.max(1, tokens);
        nanosAToken.merge(piece, took * LEAST * 2, (known, _) -> Math.max(took * LEAST, Math.min(known, took)));
        beside.add(new Ran(piece, tokens));
        return of(piece, tokens);
    }

    /** Nobody is served any more. */
    void pause() {
        beside.clear();
        quiet = 0;
        stepsSince = STEPS_BETWEEN;
    }
}
