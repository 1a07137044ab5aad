package io.lorikeet.benchmarks.model;

import io.lorikeet.contracts.Json;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.AtomicFile;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Writes models of random weights as Hugging Face directories, and adapters for them. */
public final class RandomModel {
    private static final String TENSORS_FILE = "model.safetensors";
    private static final double ADAPTER_STANDARD_DEVIATION = 0.02;

    private RandomModel() {}

    /** Writes the model unless the folder holds one already. The tensors come last: a folder that has them is whole. */
    public static Path write(Path folder, Geometry geometry, long seed) {
        if (Files.exists(folder.resolve(TENSORS_FILE))) {
            return folder;
        }
        var vocabulary = new WordVocabulary(geometry.vocabSize());
        writeJson(folder.resolve("config.json"), geometry.config());
        writeJson(folder.resolve("tokenizer.json"), vocabulary.tokenizerJson());
        writeJson(
                folder.resolve("tokenizer_config.json"), Map.of("eos_token", WordVocabulary.CONTROL_TOKENS.getLast()));
        var weights = new RandomWeights(seed);
        var writer = new SafetensorsWriter();
        DecoderLayout.of(ConfigReader.read(folder.resolve("config.json")))
                .shapes()
                .forEach((name, shape) -> writer.add(name, DType.BF16, shape, () -> weights.tensor(name, shape)));
        writer.write(folder.resolve(TENSORS_FILE));
        return folder;
    }

    /** An adapter of random weights, strong enough to change what is said. */
    public static PeftAdapter adapter(LoraConfig config, ModelConfig base, long seed) {
        var random = new SplittableRandom(seed);
        var weights = new TreeMap<LoraTarget, LoraWeights>();
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (LinearModule module : config.targetModules()) {
                float[] a = gaussian(random, config.r() * module.inFeatures(base));
                float[] b = gaussian(random, module.outFeatures(base) * config.r());
                weights.put(
                        new LoraTarget(layer, module),
                        config.useDora() ? LoraWeights.dora(a, b, magnitudes(module, base)) : new LoraWeights(a, b));
            }
        }
        return PeftAdapter.of(config, weights, base);
    }

    /** About the norms of the model's rows. */
    private static float[] magnitudes(LinearModule module, ModelConfig base) {
        float[] magnitudes = new float[module.outFeatures(base)];
        Arrays.fill(magnitudes, (float) (RandomWeights.STANDARD_DEVIATION * Math.sqrt(module.inFeatures(base))));
        return magnitudes;
    }

    private static float[] gaussian(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (random.nextGaussian() * ADAPTER_STANDARD_DEVIATION);
        }
        return values;
    }

    private static void writeJson(Path file, Object content) {
        try {
            AtomicFile.write(file, Json.write(content));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }
}
