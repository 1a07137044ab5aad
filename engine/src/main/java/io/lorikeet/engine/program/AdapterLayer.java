package io.lorikeet.engine.program;

import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One layer of an adapter.
 *
 * @param modules what it changes
 */
public record AdapterLayer(List<Module> modules) {
    public AdapterLayer {
        modules = List.copyOf(modules);
    }

    /** Bytes of one layer of an adapter of rank r that changes every module, with as many vectors as a kind may have. */
    public static long bytes(ModelConfig base, int r) {
        return Arrays.stream(LinearModule.values())
                        .mapToLong(m -> (long) r * (m.inFeatures(base) + m.outFeatures(base))
                                + (long) VectorKind.values().length * m.outFeatures(base))
                        .sum()
                * Float.BYTES;
    }

    /** All matrices: A and B of each module in turn, then each one's vectors, a column each. */
    List<Matrix> matrices() {
        return Stream.concat(
                        modules.stream().flatMap(m -> Stream.of(m.a(), m.b())),
                        modules.stream().flatMap(m -> m.vectors().values().stream()))
                .toList();
    }

    /**
     * What an adapter has for a module.
     *
     * @param a [r, in]
     * @param b [out, r]
     * @param scale by which B's output counts
     * @param vectors [out, 1] each, of adapters beyond plain LoRA
     */
    public record Module(LinearModule module, Matrix a, Matrix b, double scale, SortedMap<VectorKind, Matrix> vectors) {
        public Module {
            vectors = Collections.unmodifiableSortedMap(new TreeMap<>(vectors));
        }
    }

    /** Vectors beside A and B. */
    public enum VectorKind {
        /** DoRA's magnitude of each row. */
        MAGNITUDE(0),
        /** B's bias. */
        LORA_BIAS(1),
        /** What takes the place of the module's bias. */
        BIAS(2);

        /** The number by which the program knows it. */
        final int number;

        VectorKind(int number) {
            this.number = number;
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
