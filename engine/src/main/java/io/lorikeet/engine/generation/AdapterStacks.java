package io.lorikeet.engine.generation;

import io.lorikeet.engine.adapter.LoraModule;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.Qwen2Config;
import io.lorikeet.engine.program.AdapterLayer;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Lays an adapter's matrices out as a slot holds them: modules with the same input stacked, each padded with zeros to the
 * slot's rank R, the scale folded into B. A module that the adapter does not change stays zero.
 */
final class AdapterStacks {
    private static final List<List<LoraModule>> PROJECTIONS = List.of(
            List.of(LoraModule.Q_PROJ, LoraModule.K_PROJ, LoraModule.V_PROJ),
            List.of(LoraModule.O_PROJ),
            List.of(LoraModule.GATE_PROJ, LoraModule.UP_PROJ),
            List.of(LoraModule.DOWN_PROJ));

    private AdapterStacks() {}

    /** Bytes of one layer in a slot. */
    static long bytes(Qwen2Config base, int slotRank) {
        long elements = 0;
        for (List<LoraModule> modules : PROJECTIONS) {
            long rows = (long) modules.size() * slotRank;
            long out = modules.stream().mapToInt(m -> m.outFeatures(base)).sum();
            elements += rows * (modules.getFirst().inFeatures(base) + out);
        }
        return elements * Float.BYTES;
    }

    static AdapterLayer layer(PeftAdapter adapter, int layer, Qwen2Config base, int slotRank) {
        List<Matrix> matrices = new ArrayList<>();
        for (List<LoraModule> modules : PROJECTIONS) {
            int rows = modules.size() * slotRank;
            int in = modules.getFirst().inFeatures(base);
            int out = modules.stream().mapToInt(m -> m.outFeatures(base)).sum();
            float[] a = new float[rows * in];
            float[] b = new float[out * rows];
            int firstOut = 0;
            for (int m = 0; m < modules.size(); m++) {
                LoraModule module = modules.get(m);
                LoraWeights pair = adapter.weights().get(new LoraTarget(layer, module));
                if (pair != null) {
                    place(pair, adapter, a, b, m * slotRank, firstOut, in, rows, module.outFeatures(base));
                }
                firstOut += module.outFeatures(base);
            }
            matrices.add(new Matrix(a, rows, in));
            matrices.add(new Matrix(b, out, rows));
        }
        return new AdapterLayer(matrices);
    }

    /** A [r, in] goes to rows firstRow… of a; B [out, r] times the scale to rows firstOut…, columns firstRow… of b. */
    private static void place(
            LoraWeights pair,
            PeftAdapter adapter,
            float[] a,
            float[] b,
            int firstRow,
            int firstOut,
            int in,
            int columns,
            int out) {
        int r = adapter.config().r();
        float scale = (float) adapter.config().scale();
        System.arraycopy(pair.a(), 0, a, firstRow * in, r * in);
        for (int o = 0; o < out; o++) {
            for (int k = 0; k < r; k++) {
                b[(firstOut + o) * columns + firstRow + k] = pair.b()[o * r + k] * scale;
            }
        }
    }
}
