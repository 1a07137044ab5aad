package io.lorikeet.benchmarks.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Weights by a seed for measuring: the same for the same tensor, whatever file they go to, 15 GB in half a minute. What a
 * training from scratch begins with is the engine's {@code InitialWeights}, whose deviations matter and whose bytes are those
 * of a model that ships.
 */
record RandomWeights(long seed) {
    static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CHUNK = 1 << 20;
    static final double STANDARD_DEVIATION = 0.02;

    /** A tensor in bfloat16: norms are 1, all else is normal. */
    MemorySegment tensor(String name, long... shape) {
        long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        MemorySegment bytes = Arena.ofAuto().allocate(elements * BF16.byteSize(), Long.BYTES);
        boolean norm = name.endsWith("norm.weight");
        int chunks = Math.toIntExact((elements + CHUNK - 1) / CHUNK);
        IntStream.range(0, chunks).parallel().forEach(chunk -> {
            var random = new SplittableRandom(seed + name.hashCode() * 1_000_003L + chunk);
            long end = Math.min(elements, (chunk + 1L) * CHUNK);
            for (long i = (long) chunk * CHUNK; i < end; i++) {
                float value = norm ? 1 : (float) (random.nextGaussian() * STANDARD_DEVIATION);
                bytes.setAtIndex(BF16, i, (short) (Float.floatToRawIntBits(value) >>> Short.SIZE));
            }
        });
        return bytes;
    }
}
