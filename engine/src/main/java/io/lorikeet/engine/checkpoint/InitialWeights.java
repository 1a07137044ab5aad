package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.ModelConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * The weights that a model begins with when it is trained from scratch: matrices normal with standard deviation
 * 1/√in, those that write to the residual stream smaller by √(2 · layers) as in GPT-2, embeddings normal with 0.02,
 * norms one, biases zero.
 */
public final class InitialWeights {
    private static final double EMBEDDING_DEVIATION = 0.02;

    private InitialWeights() {}

    /** Writes model.safetensors, float32, beside the config.json of {@code directory}. The same seed gives the same bytes. */
    public static void write(Path directory, long seed) {
        ModelConfig config = ConfigReader.read(directory.resolve("config.json"));
        var random = new Random(seed);
        var writer = new SafetensorsWriter();
        DecoderLayout.of(config)
                .shapes()
                .forEach((name, shape) -> writer.add(name, shape, values(name, shape, config, random)));
        writer.write(directory.resolve("model.safetensors"));
    }

    private static float[] values(String name, long[] shape, ModelConfig config, Random random) {
        var values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        if (name.endsWith("norm.weight")) {
            Arrays.fill(values, 1);
        } else if (!name.endsWith(".bias")) {
            double deviation = deviation(name, shape[1], config);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * deviation);
            }
        }
        return values;
    }

    private static double deviation(String name, long in, ModelConfig config) {
        if (name.equals(DecoderLayout.EMBED_TOKENS) || name.equals(DecoderLayout.LM_HEAD)) {
            return EMBEDDING_DEVIATION;
        }
        boolean toResidual = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
        return 1 / Math.sqrt(toResidual ? (double) in * 2 * config.numHiddenLayers() : in);
    }
}
