package io.lorikeet.engine.sharing;

import java.util.EnumMap;
import java.util.Map;

/** How long pieces of a training take on the device, by what earlier ones of their kind took. */
final class PieceCosts {
    private static final double NEW = 0.25;

    private final Map<Piece, Double> nanosAToken = new EnumMap<>(Piece.class);

    /** Nanoseconds that a piece will take; 0: not known yet. */
    double of(Piece piece, int tokens) {
        return nanosAToken.getOrDefault(piece, 0.0) * Math.max(1, tokens);
    }

    /** A piece has run. */
    void ran(Piece piece, int tokens, long nanos) {
        nanosAToken.merge(piece, nanos / (double) Math.max(1, tokens), (known, took) -> known + NEW * (took - known));
    }
}
