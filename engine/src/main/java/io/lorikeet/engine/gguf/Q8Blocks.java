package io.lorikeet.engine.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Numbers in 8 bits as ggml's {@code Q8_0} has them: of 32 after each other the largest magnitude divided by 127, as a float16,
 * and then each divided by that and rounded.
 */
final class Q8Blocks {
    /** Elements of a block. */
    static final int ELEMENTS = 32;
    /** Bytes of a block: its scale and its elements. */
    static final int BYTES = Short.BYTES + ELEMENTS;

    private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Q8Blocks() {}

    /** {@value #BYTES} bytes for each {@value #ELEMENTS} of the values, which are whole blocks. */
    static MemorySegment of(float[] values) {
        int blocks = values.length / ELEMENTS;
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(blocks, BYTES)]);
        for (int block = 0; block < blocks; block++) {
            int from = block * ELEMENTS;
            float largest = 0;
            for (int i = 0; i < ELEMENTS; i++) {
                largest = Math.max(largest, Math.abs(values[from + i]));
            }
            float scale = largest / Byte.MAX_VALUE;
            float inverse = scale == 0 ? 0 : 1 / scale;
            long at = (long) block * BYTES;
            bytes.set(F16, at, Float.floatToFloat16(scale));
            for (int i = 0; i < ELEMENTS; i++) {
                bytes.set(ValueLayout.JAVA_BYTE, at + Short.BYTES + i, (byte) Math.round(values[from + i] * inverse));
            }
        }
        return bytes;
    }
}
