package io.lorikeet.engine.program;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows of token ids packed end to end for one forward pass: b rows of at most s tokens, t in all, of which m predict a
 * supervised token.
 *
 * <p>A token is computed once for all rows that begin alike up to it, as those do that share a system prompt: what a model
 * makes of a token depends on it and those before it alone, so rows share it with its gradient. n ≤ t tokens are computed.
 *
 * @param tokens [n]
 * @param positions [n]: each token's place in its row, from 0
 * @param starts [b+1]: each row's first of the t tokens, and t
 * @param rows [t]: the computed token that stands at each place of the rows
 * @param places [n]: a place among the t where each computed token stands
 * @param supervised [m]: computed tokens whose successor in a row is supervised
 * @param targets [m]: those successors
 * @param weights [m]: how much each counts in the loss; [0] if each counts as 1
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record MicroBatch(
        long[] tokens,
        long[] positions,
        long[] starts,
        long[] rows,
        long[] places,
        long[] supervised,
        long[] targets,
        float[] weights,
        int b,
        int s) {
    private static final int IGNORED = -100;

    /** One row: ids and labels of equal length; a label of -100 is not supervised. Labels are not shifted. */
    public interface Row {
        int[] inputIds();

        int[] labels();

        /** How much each label counts in the loss; none if each counts as 1. */
        float[] weights();

        default int length() {
            return inputIds().length;
        }

        /** Tokens that some token before them must predict. */
        default int supervisedTokens() {
            int count = 0;
            for (int t = 1; t < labels().length; t++) {
                count += labels()[t] == IGNORED ? 0 : 1;
            }
            return count;
        }
    }

    /**
     * Shares what rows begin with alike if that saves enough; less is not worth its bookkeeping.
     *
     * @param leastShared tokens that must be saved at least; a tenth of all must be too
     */
    public static MicroBatch of(List<? extends Row> rows, int leastShared) {
        MicroBatch shared = layOut(rows, true);
        int saved = shared.tokenCount() - shared.computedTokens();
        return saved >= Math.max(leastShared, 0.1 * shared.tokenCount()) ? shared : layOut(rows, false);
    }

    private static MicroBatch layOut(List<? extends Row> rows, boolean share) {
        int b = rows.size();
        int t = rows.stream().mapToInt(Row::length).sum();
        int s = rows.stream().mapToInt(Row::length).max().orElse(0);
        int m = rows.stream().mapToInt(Row::supervisedTokens).sum();
        long[] tokens = new long[t];
        long[] positions = new long[t];
        long[] starts = new long[b + 1];
        long[] computed = new long[t];
        long[] places = new long[t];
        long[] supervised = new long[m];
        long[] targets = new long[m];
        boolean weighted = rows.stream().anyMatch(row -> row.weights().length > 0);
        float[] weights = new float[weighted ? m : 0];
        Arrays.fill(weights, 1);
        Map<Successor, Integer> known = new HashMap<>();
        int n = 0;
        int place = 0;
        int predicting = 0;
        for (int r = 0; r < b; r++) {
            int[] ids = rows.get(r).inputIds();
            int[] labels = rows.get(r).labels();
            float[] weightsOfRow = rows.get(r).weights();
            int last = -1;
            for (int i = 0; i < ids.length; i++, place++) {
                Integer same = share ? known.putIfAbsent(new Successor(last, ids[i]), n) : null;
                if (same == null) {
                    tokens[n] = ids[i];
                    positions[n] = i;
                    places[n] = place;
                    last = n++;
                } else {
                    last = same;
                }
                computed[place] = last;
                if (i + 1 < ids.length && labels[i + 1] != IGNORED) {
                    supervised[predicting] = last;
                    if (weightsOfRow.length > 0) {
                        weights[predicting] = weightsOfRow[i + 1];
                    }
                    targets[predicting++] = labels[i + 1];
                }
            }
            starts[r + 1] = place;
        }
        return new MicroBatch(
                Arrays.copyOf(tokens, n),
                Arrays.copyOf(positions, n),
                starts,
                computed,
                Arrays.copyOf(places, n),
                supervised,
                targets,
                weights,
                b,
                s);
    }

    /** A token id that follows a computed token, or -1 at the begin of a row. */
    private record Successor(int computed, int token) {}

    /** t: tokens of the rows. */
    public int tokenCount() {
        return rows.length;
    }

    /** n: tokens that are computed. */
    public int computedTokens() {
        return tokens.length;
    }
}
