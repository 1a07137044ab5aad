package io.lorikeet.engine.generation;

import io.lorikeet.engine.adapter.LoraModule;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.Qwen2Config;
import io.lorikeet.engine.program.AdapterLayer;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.AdapterLayer.Pair;
import java.util.ArrayList;
import java.util.List;

/** Takes one layer of an adapter, without copying it; the program brings each matrix to its place in the slot. */
final class AdapterStacks {
    private AdapterStacks() {}

    static AdapterLayer layer(PeftAdapter adapter, int layer, Qwen2Config base) {
        int r = adapter.config().r();
        LoraModule[] modules = LoraModule.values();
        List<Pair> pairs = new ArrayList<>();
        for (int m = 0; m < modules.length; m++) {
            LoraWeights weights = adapter.weights().get(new LoraTarget(layer, modules[m]));
            if (weights != null) {
                pairs.add(new Pair(
                        m,
                        new Matrix(weights.a(), r, modules[m].inFeatures(base)),
                        new Matrix(weights.b(), modules[m].outFeatures(base), r)));
            }
        }
        return new AdapterLayer(pairs, adapter.config().scale());
    }
}
