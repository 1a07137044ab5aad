package io.lorikeet.engine.generation;

import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.AdapterLayer;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.AdapterLayer.Module;
import io.lorikeet.engine.program.AdapterLayer.VectorKind;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Takes one layer of an adapter, without copying it; the program brings each matrix to its place in the slot. */
final class AdapterStacks {
    private AdapterStacks() {}

    static AdapterLayer layer(PeftAdapter adapter, int layer, ModelConfig base) {
        List<Module> modules = new ArrayList<>();
        for (LinearModule module : LinearModule.values()) {
            var target = new LoraTarget(layer, module);
            LoraWeights weights = adapter.weights().get(target);
            if (weights != null) {
                int r = adapter.config().r(target);
                int out = module.outFeatures(base);
                modules.add(new Module(
                        module,
                        new Matrix(weights.a(), r, module.inFeatures(base)),
                        new Matrix(weights.b(), out, r),
                        adapter.config().scale(target),
                        vectors(weights, out)));
            }
        }
        return new AdapterLayer(modules);
    }

    private static SortedMap<VectorKind, Matrix> vectors(LoraWeights weights, int out) {
        SortedMap<VectorKind, Matrix> vectors = new TreeMap<>();
        weights.magnitude().ifPresent(v -> vectors.put(VectorKind.MAGNITUDE, new Matrix(v, out, 1)));
        weights.loraBias().ifPresent(v -> vectors.put(VectorKind.LORA_BIAS, new Matrix(v, out, 1)));
        weights.bias().ifPresent(v -> vectors.put(VectorKind.BIAS, new Matrix(v, out, 1)));
        return vectors;
    }
}
