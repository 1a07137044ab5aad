package io.lorikeet.engine.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Byte-level BPE's alphabet (GPT-2's): each byte has a printable character of its own, by which tokenizer.json spells tokens.
 * Bytes that are printable stand for themselves, the others are counted up from U+0100.
 */
public final class ByteLevel {
    private static final int FIRST_SUBSTITUTE = 0x100;
    private static final int[] BYTE_OF_CHAR = byteOfChar();
    private static final char[] CHAR_OF_BYTE = charOfByte();

    private ByteLevel() {}

    /** The bytes that a token of the vocabulary stands for. */
    public static byte[] bytes(String token) {
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

    /** How tokenizer.json spells these bytes; {@link #bytes} gives them back. */
    public static String spelling(byte[] bytes) {
        StringBuilder token = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            token.append(CHAR_OF_BYTE[Byte.toUnsignedInt(b)]);
        }
        return token.toString();
    }

    private static char[] charOfByte() {
        char[] table = new char[FIRST_SUBSTITUTE];
        for (int c = 0; c < BYTE_OF_CHAR.length; c++) {
            if (BYTE_OF_CHAR[c] >= 0) {
                table[BYTE_OF_CHAR[c]] = (char) c;
            }
        }
        return table;
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
