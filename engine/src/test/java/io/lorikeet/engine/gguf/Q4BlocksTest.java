package io.lorikeet.engine.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Q4BlocksTest {
    @Test
    void everyNumberIsOffByNoMoreThanAStep() {
        var random = new Random(1);
        float[] values = new float[2 * Q4Blocks.ELEMENTS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }

        MemorySegment bytes = Q4Blocks.of(values);

        assertThat(bytes.byteSize()).isEqualTo(2 * Q4Blocks.BYTES);
        for (int i = 0; i < values.length; i++) {
            long block = (long) (i / Q4Blocks.ELEMENTS) * Q4Blocks.BYTES;
            int place = i % Q4Blocks.ELEMENTS;
            float scale = Float.float16ToFloat(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, block));
            int both = bytes.get(ValueLayout.JAVA_BYTE, block + Short.BYTES + place % 16) & 0xff;
            int code = place < 16 ? both & 15 : both >> 4;
            // the largest stands for itself; of the other sign the last step is missing
            assertThat((code - 8) * scale).isCloseTo(values[i], within(1.01f * Math.abs(scale)));
        }
    }

    @Test
    void zerosAreZeros() {
        byte[] bytes = Q4Blocks.of(new float[Q4Blocks.ELEMENTS]).toArray(ValueLayout.JAVA_BYTE);

        assertThat(bytes).startsWith(0, 0).endsWith(0x88, 0x88);
    }
}
