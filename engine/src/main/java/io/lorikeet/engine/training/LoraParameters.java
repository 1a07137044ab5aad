package io.lorikeet.engine.training;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The parameters of an adapter in training: A and B of each target, in the order of layers and modules. */
final class LoraParameters {
    private final LoraConfig config;
    private final ModelConfig base;
    private final List<LoraTarget> targets = new ArrayList<>();

    LoraParameters(LoraConfig config, ModelConfig base) {
        this.config = config;
        this.base = base;
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (LinearModule module : config.targetModules()) {
                targets.add(new LoraTarget(layer, module));
            }
        }
    }

    /** Where the program finds each module's A; B follows it. */
    TrainedLora layout() {
        List<Integer> index = new ArrayList<>();
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (LinearModule module : LinearModule.values()) {
                int target = targets.indexOf(new LoraTarget(layer, module));
                index.add(target < 0 ? -1 : 2 * target);
            }
        }
        return new TrainedLora(index, config.scale(), config.loraDropout());
    }

    /** Names of the parameters, PEFT's. */
    List<String> names() {
        return targets.stream()
                .flatMap(target -> List.of(target.loraA(), target.loraB()).stream())
                .toList();
    }

    /** PEFT's first values: A uniform in ±1/√in (Kaiming with a = √5), B zero. */
    List<Matrix> initial(long seed) {
        var random = new SplittableRandom(seed);
        List<Matrix> parameters = new ArrayList<>();
        for (LoraTarget target : targets) {
            int in = target.module().inFeatures(base);
            int out = target.module().outFeatures(base);
            double bound = 1 / Math.sqrt(in);
            float[] a = new float[config.r() * in];
            for (int i = 0; i < a.length; i++) {
                a[i] = (float) random.nextDouble(-bound, bound);
            }
            parameters.add(new Matrix(a, config.r(), in));
            parameters.add(new Matrix(new float[out * config.r()], out, config.r()));
        }
        return parameters;
    }

    /** The values of an adapter, in the parameters' order. */
    List<float[]> values(PeftAdapter adapter) {
        if (adapter.config().r() != config.r()
                || !adapter.config().targetModules().equals(config.targetModules())) {
            throw new TrainingException("adapter: expected r " + config.r() + " on " + config.targetModules()
                    + ", found r " + adapter.config().r() + " on "
                    + adapter.config().targetModules());
        }
        List<float[]> values = new ArrayList<>();
        for (LoraTarget target : targets) {
            LoraWeights pair = adapter.weights(target.layer(), target.module());
            values.add(pair.a());
            values.add(pair.b());
        }
        return values;
    }

    /** An adapter of the values, given in the parameters' order. */
    PeftAdapter adapter(List<float[]> values) {
        SortedMap<LoraTarget, LoraWeights> weights = new TreeMap<>();
        for (int i = 0; i < targets.size(); i++) {
            weights.put(targets.get(i), new LoraWeights(values.get(2 * i), values.get(2 * i + 1)));
        }
        return PeftAdapter.of(config, weights, base);
    }
}
