package io.lorikeet.engine.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Byte-level BPE's alphabet (GPT-2's): each byte has a printable character of its own, by which tokenizer.json spells tokens.
 * Bytes that are printable stand for themselves, the others are counted up from U+0100.
 */
final class ByteLevel {
    private static final int FIRST_SUBSTITUTE = 0x100;
    private static final int[] BYTE_OF_CHAR = byteOfChar();

    private ByteLevel() {}

    /** The bytes that a token of the vocabulary stands for. */
    static byte[] bytes(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            if (c >= BYTE_OF_CHAR.length || BYTE_OF_CHAR[c] < 0) {
                // Not in the alphabet, so not spelled in it.
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTE_OF_CHAR[c];
        }
        return bytes;
    }

    private static int[] byteOfChar() {
        int[] table = new int[2 * FIRST_SUBSTITUTE];
        Arrays.fill(table, -1);
        int substitute = FIRST_SUBSTITUTE;
        for (int b = 0; b < FIRST_SUBSTITUTE; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
            table[printable ? b : substitute++] = b;
        }
        return table;
    }
}
