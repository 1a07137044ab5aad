package io.lorikeet.engine.program;

import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * One layer of an adapter.
 *
 * @param pairs A and B of each module that the adapter changes
 * @param scale by which B's output counts
 */
public record AdapterLayer(List<Pair> pairs, double scale) {
    public AdapterLayer {
        pairs = List.copyOf(pairs);
    }

    /** Bytes of one layer of an adapter of rank r that changes every module. */
    public static long bytes(ModelConfig base, int r) {
        return Arrays.stream(LinearModule.values())
                .mapToLong(m -> (long) r * (m.inFeatures(base) + m.outFeatures(base)) * Float.BYTES)
                .sum();
    }

    /** All matrices: A and B of each pair in turn. */
    List<Matrix> matrices() {
        return pairs.stream().flatMap(pair -> Stream.of(pair.a(), pair.b())).toList();
    }

    /**
     * The two matrices of a module.
     *
     * @param a [r, in]
     * @param b [out, r]
     */
    public record Pair(LinearModule module, Matrix a, Matrix b) {}

    /** A float32 matrix, row-major. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Matrix(float[] values, int rows, int columns) {
        public Matrix {
            if (values.length != rows * columns) {
                throw new IllegalArgumentException(
                        "values: expected " + rows + "·" + columns + " elements, found " + values.length);
            }
        }
    }
}
