package io.lorikeet.engine.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Numbers in 4 bits as ggml's {@code Q4_0} has them: of 32 after each other the one of the largest magnitude divided by -8, as a
 * float16, and then of each what it is of that, from -8 to 7, plus 8; the first half in the low bits of 16 bytes.
 */
final class Q4Blocks {
    /** Elements of a block. */
    static final int ELEMENTS = 32;
    /** Bytes of a block: its scale and its elements. */
    static final int BYTES = Short.BYTES + ELEMENTS / 2;

    private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Q4Blocks() {}

    /** {@value #BYTES} bytes for each {@value #ELEMENTS} of the values, which are whole blocks. */
    static MemorySegment of(float[] values) {
        int blocks = values.length / ELEMENTS;
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(blocks, BYTES)]);
        for (int block = 0; block < blocks; block++) {
            int from = block * ELEMENTS;
            float largest = 0;
            for (int i = 0; i < ELEMENTS; i++) {
                largest = Math.abs(values[from + i]) > Math.abs(largest) ? values[from + i] : largest;
            }
            float scale = largest == 0 ? 0 : largest / -8;
            float inverse = scale == 0 ? 0 : 1 / scale;
            long at = (long) block * BYTES;
            bytes.set(F16, at, Float.floatToFloat16(scale));
            for (int i = 0; i < ELEMENTS / 2; i++) {
                int low = code(values[from + i] * inverse);
                int high = code(values[from + i + ELEMENTS / 2] * inverse);
                bytes.set(ValueLayout.JAVA_BYTE, at + Short.BYTES + i, (byte) (low | high << 4));
            }
        }
        return bytes;
    }

    private static int code(float steps) {
        return Math.min(15, (int) (steps + 8.5f));
    }
}
