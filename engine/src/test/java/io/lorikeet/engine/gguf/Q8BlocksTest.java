package io.lorikeet.engine.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Q8BlocksTest {
    private static final int BLOCK = Q8Blocks.ELEMENTS;

    @Test
    void eachIsWithinHalfAStepOfItsBlock() {
        float[] values = new float[5 * BLOCK];
        var random = new Random(7);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.pow(10, i / BLOCK - 3));
        }

        MemorySegment bytes = Q8Blocks.of(values);

        assertThat(bytes.byteSize()).isEqualTo(5 * 34);
        for (int i = 0; i < values.length; i++) {
            float scale = scale(bytes, i / BLOCK);
            float back = scale * bytes.get(ValueLayout.JAVA_BYTE, i / BLOCK * 34L + 2 + i % BLOCK);
            // half a step, and what the scale itself loses as a float16
            assertThat(back).isCloseTo(values[i], within(scale * 0.57F));
        }
    }

    @Test
    void theLargestIsALimit() {
        float[] values = new float[BLOCK];
        values[3] = -127;
        values[4] = 1;

        MemorySegment bytes = Q8Blocks.of(values);

        assertThat(scale(bytes, 0)).isEqualTo(1);
        assertThat(bytes.get(ValueLayout.JAVA_BYTE, 2 + 3)).isEqualTo((byte) -127);
        assertThat(bytes.get(ValueLayout.JAVA_BYTE, 2 + 4)).isEqualTo((byte) 1);
    }

    @Test
    void zerosStayZeros() {
        assertThat(Q8Blocks.of(new float[BLOCK]).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    private static float scale(MemorySegment bytes, int block) {
        return Float.float16ToFloat(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, block * 34L));
    }
}
