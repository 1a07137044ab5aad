package io.lorikeet.engine.program;

import java.util.List;

/**
 * Rows of token ids packed end to end for one forward pass: n tokens, b rows of at most s tokens, m of them predicting a
 * supervised token.
 *
 * @param tokens [n]
 * @param positions [n], each row's own, from 0
 * @param starts [b+1]: each row's first packed token, and n
 * @param toRows [b·s]: the packed token at each place of the right-padded rows; padding repeats a row's first token
 * @param fromRows [n]: the place of each packed token in the padded rows
 * @param supervised [m]: packed tokens whose successor is supervised
 * @param targets [m]: those successors
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record PackedPass(
        long[] tokens,
        long[] positions,
        long[] starts,
        long[] toRows,
        long[] fromRows,
        long[] supervised,
        long[] targets,
        int b,
        int s) {
    private static final int IGNORED = -100;

    /** One row: ids and labels of equal length; a label of -100 is not supervised. Labels are not shifted. */
    public interface Row {
        int[] inputIds();

        int[] labels();

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

    public static PackedPass of(List<? extends Row> rows) {
        int b = rows.size();
        int n = rows.stream().mapToInt(Row::length).sum();
        int s = rows.stream().mapToInt(Row::length).max().orElse(0);
        int m = rows.stream().mapToInt(Row::supervisedTokens).sum();
        var pass = new PackedPass(
                new long[n],
                new long[n],
                new long[b + 1],
                new long[b * s],
                new long[n],
                new long[m],
                new long[m],
                b,
                s);
        int packed = 0;
        int predicting = 0;
        for (int r = 0; r < b; r++) {
            int[] ids = rows.get(r).inputIds();
            int[] labels = rows.get(r).labels();
            int first = packed;
            pass.starts[r + 1] = (long) first + ids.length;
            for (int t = 0; t < s; t++) {
                pass.toRows[r * s + t] = t < ids.length ? first + t : first;
            }
            for (int t = 0; t < ids.length; t++, packed++) {
                pass.tokens[packed] = ids[t];
                pass.positions[packed] = t;
                pass.fromRows[packed] = (long) r * s + t;
                if (t + 1 < ids.length && labels[t + 1] != IGNORED) {
                    pass.supervised[predicting] = packed;
                    pass.targets[predicting++] = labels[t + 1];
                }
            }
        }
        return pass;
    }

    public int tokenCount() {
        return tokens.length;
    }
}
