package io.lorikeet.engine.grammar;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The tokens that can come next, a bit each. The same tokens of the same state are the same object. */
public final class TokenMask {
    private final long[] words;

    TokenMask(long[] words) {
        this.words = words;
    }

    /** All tokens of a vocabulary. */
    public static TokenMask everything(int vocabSize) {
        long[] words = new long[(vocabSize + Long.SIZE - 1) / Long.SIZE];
        Arrays.fill(words, -1);
        return new TokenMask(words);
    }

    /** Whether a token can come. */
    public boolean allows(int token) {
        return ((words[token >> 6] >>> token) & 1) != 0;
    }

    /** Its bytes, of which number {@code t / 8} has token {@code t} as bit {@code t % 8}; as many as the buffer has room for. */
    public void copyTo(ByteBuffer buffer) {
        ByteBuffer into = buffer.order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; into.remaining() >= Long.BYTES; i++) {
            into.putLong(words[i]);
        }
        for (int shift = 0; into.hasRemaining(); shift += Byte.SIZE) {
            into.put((byte) (words[words.length - 1] >>> shift));
        }
    }
}
