package io.lorikeet.engine.program;

import java.util.List;

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

    /**
     * The two matrices of a module.
     *
     * @param module its number in {@code lora.torchscript}: q, k, v, o, gate, up, down
     * @param a [r, in]
     * @param b [out, r]
     */
    public record Pair(int module, Matrix a, Matrix b) {}

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
