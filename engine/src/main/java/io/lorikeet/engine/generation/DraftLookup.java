package io.lorikeet.engine.generation;

import java.util.Arrays;
import java.util.List;

/**
 * Guesses what comes next by what came before: what followed the last tokens of a text the last time that they stood in it,
 * or in one of some other texts (prompt lookup decoding). The longest run of tokens that both have decides.
 */
final class DraftLookup {
    /** Fewer tokens in common say nothing. */
    static final int SHORTEST = 2;

    /** More in common is no better guess. */
    private static final int LONGEST = 32;

    private DraftLookup() {}

    /**
     * The tokens that may come next, empty if nothing like the end of the text stood anywhere.
     *
     * @param text so far
     * @param others less likely to go on as this one does than the text itself
     * @param limit tokens at most
     */
    static int[] next(int[] text, List<int[]> others, int limit) {
        int[] found = text;
        int at = -1;
        int longest = SHORTEST - 1;
        for (int i = -1; i < others.size(); i++) {
            int[] said = i < 0 ? text : others.get(i);
            for (int end = said.length - 1; end > 0 && longest < LONGEST; end--) {
                int common = common(said, end, text, longest);
                if (common > longest) {
                    longest = common;
                    at = end;
                    found = said;
                }
            }
        }
        return at < 0 ? new int[0] : Arrays.copyOfRange(found, at, Math.min(at + limit, found.length));
    }

    /** Tokens that stand both before {@code end} and at the end of the text; 0 if that cannot be more than {@code enough}. */
    private static int common(int[] tokens, int end, int[] text, int enough) {
        int most = Math.min(LONGEST, Math.min(end, text.length));
        if (most <= enough || tokens[end - 1 - enough] != text[text.length - 1 - enough]) {
            return 0;
        }
        int common = 0;
        while (common < most && tokens[end - 1 - common] == text[text.length - 1 - common]) {
            common++;
        }
        return common;
    }
}
