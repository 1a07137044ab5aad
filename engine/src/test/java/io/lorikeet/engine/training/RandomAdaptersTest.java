package io.lorikeet.engine.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraPatterns;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.generation.BatchGenerator;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.TextDecoder;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adapters of every kind, of random ranks, on models of random shapes: what is served with one is what its definition, computed
 * in float64, makes of the base's weights.
 */
class RandomAdaptersTest {
    private static final int VOCABULARY = 96;
    private static final int TOKENS = 14;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void servesAndMergesWhatTheDefinitionSays(long seed) throws IOException {
        var random = new Random(seed);
        Path model = folder.resolve("model");
        ModelConfig base = writeModel(model, random);
        PeftAdapter adapter = adapter(base, random);
        adapter.save(Files.createDirectory(folder.resolve("adapter")));

        Path reference = folder.resolve("reference");
        copyConfig(model, reference);
        write(model, reference, changes(adapter));
        Path merged = folder.resolve("merged");
        MergedModel.write(model, folder.resolve("adapter"), Quantization.NONE, Optional.of(DType.F32), merged);

        int[] ids = random.ints(TOKENS, 0, VOCABULARY).toArray();
        float[] expected = with(reference, (program, _) -> program.logits(ids, Optional.empty()));
        float[] plain = with(model, (program, _) -> program.logits(ids, Optional.empty()));
        float[] served = with(
                model,
                (program, config) ->
                        program.logits(ids, Optional.of(PeftAdapter.read(folder.resolve("adapter"), config))));
        float[] ofMerged = with(merged, (program, _) -> program.logits(ids, Optional.empty()));
        assertThat(ofMerged).containsExactly(expected, within(2e-4f));
        assertThat(served).containsExactly(expected, within(2e-4f));
        assertThat(largest(plain, expected)).as("the adapter changes something").isGreaterThan(1e-2);

        int[] prompt = Arrays.copyOf(ids, 6);
        assertThat(greedy(model, prompt, Optional.of(adapter))).isEqualTo(greedy(reference, prompt, Optional.empty()));
    }

    private static List<Integer> greedy(Path model, int[] prompt, Optional<PeftAdapter> adapter) {
        return with(
                model,
                (program, _) ->
                        program.generate(List.of(prompt), adapter, Set.of(), 8, TextDecoder::none, () -> {}).stream()
                                .map(GenerationResult::tokens)
                                .findFirst()
                                .orElseThrow());
    }

    private static double largest(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    /** A model of random shape and weights. */
    private static ModelConfig writeModel(Path model, Random random) throws IOException {
        String family = List.of("qwen2", "qwen3", "llama", "mistral").get(random.nextInt(4));
        int keyValueHeads = 1 + random.nextInt(3);
        int heads = keyValueHeads * (1 + random.nextInt(3));
        int headDim = 8 * (1 + random.nextInt(2));
        int hidden = family.equals("qwen2") ? heads * headDim : 16 * (1 + random.nextInt(4));
        Files.createDirectories(model);
        Files.writeString(model.resolve("config.json"), """
                {"model_type": "%s", "architectures": ["%sForCausalLM"], "hidden_size": %d, "num_hidden_layers": %d,
                 "num_attention_heads": %d, "num_key_value_heads": %d, "head_dim": %d, "intermediate_size": %d,
                 "vocab_size": %d, "tie_word_embeddings": %s, "max_position_embeddings": 64, "rope_theta": 10000.0,
                 "rms_norm_eps": 1e-6, "hidden_act": "silu", "torch_dtype": "float32", "eos_token_id": 1,
                 "sliding_window": null}
                """.formatted(
                        family,
                        Character.toUpperCase(family.charAt(0)) + family.substring(1),
                        hidden,
                        1 + random.nextInt(3),
                        heads,
                        keyValueHeads,
                        headDim,
                        8 + random.nextInt(60),
                        VOCABULARY,
                        random.nextBoolean()));
        ModelConfig config = ConfigReader.read(model.resolve("config.json"));
        var writer = new SafetensorsWriter();
        DecoderLayout.of(config).shapes().forEach((name, shape) -> {
            int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            writer.add(name, shape, normal(random, length, name.endsWith("norm.weight") ? 1 : 0, 0.2));
        });
        writer.write(model.resolve("model.safetensors"));
        return config;
    }

    private static void copyConfig(Path from, Path to) throws IOException {
        Files.copy(from.resolve("config.json"), Files.createDirectory(to).resolve("config.json"));
    }

    /** A random kind, with random targets, ranks and alphas. */
    private static PeftAdapter adapter(ModelConfig base, Random random) {
        boolean biases = base.architecture().qkvBias() && random.nextInt(3) == 0;
        Set<LinearModule> modules = EnumSet.of(LinearModule.V_PROJ);
        for (LinearModule module : LinearModule.values()) {
            // only what has a bias can take B's when it is merged
            boolean possible = !biases || module.compareTo(LinearModule.O_PROJ) < 0;
            if (possible && random.nextBoolean()) {
                modules.add(module);
            }
        }
        boolean loraBias = biases && random.nextBoolean();
        boolean dora = !loraBias && random.nextBoolean();
        int r = 1 + random.nextInt(6);
        Map<LoraTarget, Integer> ranks = new HashMap<>();
        Map<LoraTarget, Double> alphas = new HashMap<>();
        Set<LoraTarget> without = new HashSet<>();
        var uniform = new LoraConfig(r, 2.0 * r, 0, modules, random.nextBoolean());
        for (LoraTarget target : uniform.targets(base.numHiddenLayers())) {
            switch (random.nextInt(5)) {
                case 0 -> ranks.put(target, r + 1 + random.nextInt(4));
                case 1 -> alphas.put(target, 0.5 + random.nextInt(5));
                case 2 -> {
                    if (target.layer() > 0) {
                        without.add(target);
                    }
                }
                default -> {}
            }
        }
        var config = new LoraConfig(
                r,
                2.0 * r,
                0,
                modules,
                uniform.useRslora(),
                dora,
                loraBias,
                biases,
                new LoraPatterns(ranks, alphas, without));
        SortedMap<LoraTarget, LoraWeights> weights = new TreeMap<>();
        for (LoraTarget target : config.targets(base.numHiddenLayers())) {
            int in = target.module().inFeatures(base);
            int out = target.module().outFeatures(base);
            int rank = config.r(target);
            weights.put(
                    target,
                    new LoraWeights(
                            normal(random, rank * in, 0, 0.1),
                            normal(random, out * rank, 0, 0.1),
                            dora ? Optional.of(normal(random, out, 1, 0.2)) : Optional.empty(),
                            loraBias ? Optional.of(normal(random, out, 0, 0.2)) : Optional.empty(),
                            biases ? Optional.of(normal(random, out, 0, 0.2)) : Optional.empty()));
        }
        return PeftAdapter.of(config, weights, base);
    }

    private static float[] normal(Random random, int length, double mean, double deviation) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return values;
    }

    private interface Change {
        double[] of(double[] values);
    }

    /** The definition: W + scale·B·A, its rows brought to the magnitude; the bias, or the one in its place, + scale·B's. */
    private static Map<String, Change> changes(PeftAdapter adapter) {
        Map<String, Change> changes = new HashMap<>();
        adapter.weights().forEach((target, weights) -> {
            int r = adapter.config().r(target);
            double scale = adapter.config().scale(target);
            int in = weights.a().length / r;
            changes.put(target + ".weight", w -> {
                for (int row = 0; row < w.length / in; row++) {
                    double squares = 0;
                    for (int column = 0; column < in; column++) {
                        for (int k = 0; k < r; k++) {
                            w[row * in + column] +=
                                    scale * weights.b()[row * r + k] * (double) weights.a()[k * in + column];
                        }
                        squares += w[row * in + column] * w[row * in + column];
                    }
                    if (weights.magnitude().isPresent()) {
                        for (int column = 0; column < in; column++) {
                            w[row * in + column] *= weights.magnitude().get()[row] / Math.sqrt(squares);
                        }
                    }
                }
                return w;
            });
            changes.put(target + ".bias", b -> {
                for (int row = 0; row < b.length; row++) {
                    b[row] = weights.bias().isPresent() ? weights.bias().get()[row] : b[row];
                    b[row] += weights.loraBias().isPresent()
                            ? scale * weights.loraBias().get()[row]
                            : 0;
                }
                return b;
            });
        });
        return changes;
    }

    private static void write(Path model, Path to, Map<String, Change> changes) {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(model)) {
            var writer = new SafetensorsWriter();
            checkpoint.tensors().values().forEach(tensor -> {
                float[] values = tensor.toFloats();
                double[] exact = new double[values.length];
                Arrays.setAll(exact, i -> values[i]);
                double[] changed = changes.getOrDefault(tensor.name(), v -> v).of(exact);
                float[] rounded = new float[changed.length];
                for (int i = 0; i < rounded.length; i++) {
                    rounded[i] = (float) changed[i];
                }
                writer.add(tensor.name(), tensor.shape(), rounded);
            });
            writer.write(to.resolve("model.safetensors"));
        }
    }

    private static <T> T with(Path model, BiFunction<BatchGenerator, ModelConfig, T> use) {
        try (var thread = new EngineThread("test");
                ModelCheckpoint checkpoint = ModelCheckpoint.open(model)) {
            var options = new ProgramOptions(
                    checkpoint.config(), Device.CPU, DType.F32, DType.F32, 1, 64, 1, 12, TrainedLora.NONE);
            return thread.call(() -> {
                try (var program = DecoderProgram.load(options, checkpoint)) {
                    return use.apply(new BatchGenerator(program), checkpoint.config());
                }
            });
        }
    }
}
