package io.lorikeet.engine.generation;

import io.lorikeet.engine.model.RankRows;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The device's rank rows. An adapter gets as many as its rank, in one piece if there is one, else in several: so whatever is free
 * is of use, and nothing ever has to be moved.
 */
final class RankRowPool {
    private final BitSet free;

    RankRowPool(int count) {
        free = new BitSet(count);
        free.set(0, count);
    }

    int available() {
        return free.cardinality();
    }

    /** So many rank rows, of which there are enough; the smallest piece that holds them all, if there is any. */
    List<RankRows> take(int count) {
        List<RankRows> pieces = pieces();
        List<RankRows> taken = pieces.stream()
                .filter(piece -> piece.count() >= count)
                .reduce((a, b) -> b.count() < a.count() ? b : a)
                .map(piece -> List.of(new RankRows(piece.first(), count)))
                .orElseGet(() -> gather(pieces, count));
        taken.forEach(run -> free.clear(run.first(), run.first() + run.count()));
        return taken;
    }

    private static List<RankRows> gather(List<RankRows> pieces, int count) {
        List<RankRows> taken = new ArrayList<>();
        int left = count;
        for (RankRows piece : pieces) {
            int rows = Math.min(piece.count(), left);
            if (rows > 0) {
                taken.add(new RankRows(piece.first(), rows));
            }
            left -= rows;
        }
        if (left > 0) {
            throw new IllegalStateException(left + " rank rows too few for a rank of " + count);
        }
        return taken;
    }

    private List<RankRows> pieces() {
        List<RankRows> pieces = new ArrayList<>();
        for (int first = free.nextSetBit(0); first >= 0; ) {
            int end = free.nextClearBit(first);
            pieces.add(new RankRows(first, end - first));
            first = free.nextSetBit(end);
        }
        return pieces;
    }

    void give(List<RankRows> runs) {
        runs.forEach(run -> free.set(run.first(), run.first() + run.count()));
    }
}
