package io.lorikeet.engine.training;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraPatterns;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The parameters of an adapter in training: A, B and with DoRA the magnitude of each target, in the order of layers and modules. */
final class LoraParameters {
    private final LoraConfig config;
    private final ModelConfig base;
    private final List<LoraTarget> targets;

    /** Parameters of a target. */
    private final int each;

    LoraParameters(LoraConfig config, ModelConfig base) {
        if (config.loraBias() || config.biasLoraOnly() || !config.patterns().equals(LoraPatterns.NONE)) {
            throw new TrainingException(
                    "an adapter with biases, or with ranks, alphas or layers of its own for some modules,"
                            + " can be served and merged, not trained");
        }
        this.config = config;
        this.base = base;
        targets = List.copyOf(config.targets(base.numHiddenLayers()));
        each = config.useDora() ? 3 : 2;
    }

    /**
     * Where the program finds each module's A; the others follow it.
     *
     * @param lrRatio learning rate of all but the A's, by the A's
     */
    TrainedLora layout(double lrRatio) {
        List<Integer> index = new ArrayList<>();
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (LinearModule module : LinearModule.values()) {
                int target = targets.indexOf(new LoraTarget(layer, module));
                index.add(target < 0 ? -1 : each * target);
            }
        }
        return new TrainedLora(index, config.scale(), config.loraDropout(), config.useDora(), lrRatio);
    }

    /** Names of the parameters, PEFT's. */
    List<String> names() {
        return targets.stream()
                .flatMap(target -> Stream.of(target.loraA(), target.loraB(), target.magnitude())
                        .limit(each))
                .toList();
    }

    /**
     * PEFT's first values: A uniform in ±1/√in (Kaiming with a = √5), B zero. The magnitudes, zero here, are the program's to
     * begin: they come from the base's weights.
     */
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
            if (config.useDora()) {
                parameters.add(new Matrix(new float[out], out, 1));
            }
        }
        return parameters;
    }

    /** Whether the program has first values of its own to give. */
    boolean haveMagnitudes() {
        return config.useDora();
    }

    /** The values of an adapter, in the parameters' order. */
    List<float[]> values(PeftAdapter adapter) {
        if (adapter.config().r() != config.r()
                || !adapter.weights().keySet().equals(Set.copyOf(targets))
                || adapter.config().useDora() != config.useDora()) {
            throw new TrainingException("adapter: expected r %d on %s%s, found r %d on %s%s"
                    .formatted(
                            config.r(),
                            config.targetModules(),
                            config.useDora() ? " with DoRA" : "",
                            adapter.config().r(),
                            adapter.config().targetModules(),
                            adapter.config().useDora() ? " with DoRA" : ""));
        }
        List<float[]> values = new ArrayList<>();
        for (LoraTarget target : targets) {
            LoraWeights weights = adapter.weights(target.layer(), target.module());
            values.add(weights.a());
            values.add(weights.b());
            weights.magnitude().ifPresent(values::add);
        }
        return values;
    }

    /** An adapter of the values, given in the parameters' order. */
    PeftAdapter adapter(List<float[]> values) {
        SortedMap<LoraTarget, LoraWeights> weights = new TreeMap<>();
        for (int i = 0; i < targets.size(); i++) {
            List<float[]> of = values.subList(each * i, each * (i + 1));
            weights.put(
                    targets.get(i),
                    config.useDora()
                            ? LoraWeights.dora(of.get(0), of.get(1), of.get(2))
                            : new LoraWeights(of.get(0), of.get(1)));
        }
        return PeftAdapter.of(config, weights, base);
    }
}
