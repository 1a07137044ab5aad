package io.lorikeet.engine.program;

import java.util.List;

/**
 * One layer of an adapter as the program's slots hold it: A and B of the stacked projections qkv, o, gate_up and down, in
 * this order, padded to the slot's rank, the scaling folded into B ({@code lora.torchscript}).
 */
public record AdapterLayer(List<Matrix> matrices) {
    public AdapterLayer {
        matrices = List.copyOf(matrices);
        if (matrices.size() != 8) {
            throw new IllegalArgumentException("matrices: expected A and B of 4 projections, found " + matrices.size());
        }
    }

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
