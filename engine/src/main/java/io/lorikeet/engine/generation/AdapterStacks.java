package io.lorikeet.engine.generation;

import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.AdapterLayer;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.AdapterLayer.Pair;
import java.util.ArrayList;
import java.util.List;

/** Takes one layer of an adapter, without copying it; the program brings each matrix to its place in the slot. */
final class AdapterStacks {
    private AdapterStacks() {}

    static AdapterLayer layer(PeftAdapter adapter, int layer, ModelConfig base) {
        int r = adapter.config().r();
        List<Pair> pairs = new ArrayList<>();
        for (LinearModule module : LinearModule.values()) {
            LoraWeights weights = adapter.weights().get(new LoraTarget(layer, module));
            if (weights != null) {
                pairs.add(new Pair(
                        module,
                        new Matrix(weights.a(), r, module.inFeatures(base)),
                        new Matrix(weights.b(), module.outFeatures(base), r)));
            }
        }
        return new AdapterLayer(pairs, adapter.config().scale());
    }
}
