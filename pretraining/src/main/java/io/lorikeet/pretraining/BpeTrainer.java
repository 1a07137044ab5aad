package io.lorikeet.pretraining;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-pair encoding (Sennrich et al., 2016) over bytes: begins with a token for each of the 256 bytes and merges the most
 * frequent pair of neighbours, again and again. Every pair is counted anew for each merge, which a corpus of some
 * hundred kilobytes bears.
 *
 * <p>Unlike the paper's, it merges no two texts of which one would be used up. A token that a corpus has only inside
 * longer ones (迪, if every 启迪 became one token) is never trained by itself, and a model could not say it, not even
 * after LoRA, which leaves the embedding as it is. And no token ends in one character and begins in another's middle.
 */
final class BpeTrainer {
    private static final int BYTES = 256;

    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /** Tokens by id as bytes, the 256 single bytes first, and the pairs of ids that made the others, in order. */
    record Vocabulary(List<byte[]> tokens, List<Merge> merges) {}

    /** Two neighbours that become one token. */
    record Merge(int left, int right) {}

    private static final class Piece {
        private final int count;
        private int[] tokens;

        Piece(int count, int[] tokens) {
            this.count = count;
            this.tokens = tokens;
        }
    }

    /** Counts a text in, this many times. */
    void add(String text, int times) {
        Qwen2PreTokenizer.split(text, piece -> counts.merge(piece, times, Integer::sum));
    }

    /**
     * Learns a vocabulary.
     *
     * @param size tokens at most, 256 or more; fewer if no pair is frequent enough
     * @param leastCount a pair that is rarer stays apart, and of each part so many must be left outside the pair
     * @param mostBytes no token becomes longer
     */
    Vocabulary train(int size, int leastCount, int mostBytes) {
        List<byte[]> tokens = new ArrayList<>();
        for (int b = 0; b < BYTES; b++) {
            tokens.add(new byte[] {(byte) b});
        }
        List<Merge> merges = new ArrayList<>();
        List<Piece> pieces = new ArrayList<>();
        counts.forEach((text, count) -> pieces.add(new Piece(count, bytes(text))));
        while (tokens.size() < size) {
            long best = mostFrequent(pieces, tokens, leastCount, mostBytes);
            if (best < 0) {
                break;
            }
            var merge = new Merge((int) (best >>> Integer.SIZE), (int) best);
            for (Piece piece : pieces) {
                piece.tokens = apply(merge, tokens.size(), piece.tokens);
            }
            tokens.add(concatenated(tokens.get(merge.left), tokens.get(merge.right)));
            merges.add(merge);
        }
        return new Vocabulary(tokens, merges);
    }

    /** Left id in the upper, right id in the lower half; of equally frequent pairs the one of the lowest ids; -1 if none. */
    private static long mostFrequent(List<Piece> pieces, List<byte[]> tokens, int leastCount, int mostBytes) {
        Map<Long, Integer> pairs = new HashMap<>();
        int[] singles = new int[tokens.size()];
        for (Piece piece : pieces) {
            for (int i = 0; i < piece.tokens.length; i++) {
                singles[piece.tokens[i]] += piece.count;
                if (i + 1 < piece.tokens.length) {
                    pairs.merge(
                            ((long) piece.tokens[i] << Integer.SIZE) | piece.tokens[i + 1], piece.count, Integer::sum);
                }
            }
        }
        long best = -1;
        int bestCount = leastCount - 1;
        for (Map.Entry<Long, Integer> entry : pairs.entrySet()) {
            long pair = entry.getKey();
            int count = entry.getValue();
            int left = (int) (pair >>> Integer.SIZE);
            int right = (int) pair;
            boolean better = count > bestCount || (count == bestCount && best >= 0 && pair < best);
            if (better && mayMerge(tokens.get(left), tokens.get(right), mostBytes)) {
                boolean texts = isText(tokens.get(left)) && isText(tokens.get(right));
                if (texts && Math.min(singles[left], singles[right]) - count < leastCount) {
                    continue;
                }
                best = pair;
                bestCount = count;
            }
        }
        return best;
    }

    private static boolean mayMerge(byte[] left, byte[] right, int mostBytes) {
        byte[] both = concatenated(left, right);
        boolean insideACharacter = !isText(left) && bytesOfCharacter(left[0]) >= both.length;
        boolean wholeCharacters = isText(both) && isText(left) == isText(right);
        return both.length <= mostBytes && (wholeCharacters || insideACharacter);
    }

    /** Whether these bytes are whole characters. */
    private static boolean isText(byte[] utf8) {
        return Arrays.equals(new String(utf8, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), utf8);
    }

    /** How many bytes a character has that begins with this one; 0 if none does. */
    private static int bytesOfCharacter(byte first) {
        return switch (Integer.numberOfLeadingZeros(~(first << 24))) {
            case 0 -> 1;
            case 2 -> 2;
            case 3 -> 3;
            case 4 -> 4;
            default -> 0;
        };
    }

    private static int[] apply(Merge merge, int merged, int[] tokens) {
        int[] out = new int[tokens.length];
        int length = 0;
        for (int i = 0; i < tokens.length; i++) {
            boolean found = i + 1 < tokens.length && tokens[i] == merge.left && tokens[i + 1] == merge.right;
            out[length++] = found ? merged : tokens[i];
            if (found) {
                i++;
            }
        }
        return length == tokens.length ? tokens : Arrays.copyOf(out, length);
    }

    private static int[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new int[utf8.length];
        for (int i = 0; i < utf8.length; i++) {
            tokens[i] = Byte.toUnsignedInt(utf8[i]);
        }
        return tokens;
    }

    private static byte[] concatenated(byte[] left, byte[] right) {
        byte[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }
}
