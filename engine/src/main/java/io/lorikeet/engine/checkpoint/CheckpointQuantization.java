package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.Quantization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;

/**
 * How the linear modules of a checkpoint come quantised, which config.json says as {@code quantization_config}: in groups of rows of
 * a module's input, each with a scale and a zero point for every output, packed into words of 32 bits.
 *
 * @param bits of a weight: 4 or 8
 * @param groupSize inputs that share a scale; 0: all of a module
 * @param zerosLessOne whether zero points are stored less one, as AutoGPTQ does
 */
public record CheckpointQuantization(Method method, int bits, int groupSize, boolean zerosLessOne) {
    private static final String FIELD = "quantization_config";
    private static final int WORD = 32;

    /** Whose layout it is. */
    public enum Method {
        /**
         * Frantar et al., arXiv:2210.17323, as AutoGPTQ writes it: {@code qweight} [in·bits/32, out], {@code qzeros} [groups,
         * out·bits/32], {@code scales} [groups, out] and {@code g_idx} [in], the group of each input.
         */
        GPTQ,
        /**
         * Lin et al., arXiv:2306.00978, as AutoAWQ writes it for its gemm kernels: {@code qweight} [in, out/8], {@code qzeros}
         * [groups, out/8] and {@code scales} [groups, out]; a word has the outputs 0, 2, 4, 6, 1, 3, 5, 7 from its low bits on.
         */
        AWQ;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The format that takes as much memory as a model's weights do with this setting: one that comes quantised stays so. */
    public static Quantization held(Path model, Quantization setting) {
        Path configJson = model.resolve(ModelDirectory.CONFIG);
        return setting == Quantization.NONE && Files.isRegularFile(configJson)
                ? read(configJson).map(CheckpointQuantization::alike).orElse(setting)
                : setting;
    }

    private Quantization alike() {
        if (bits == Byte.SIZE) {
            return Quantization.INT8;
        }
        return groupSize > 0 && groupSize < 128 ? Quantization.INT4 : Quantization.INT4_G128;
    }

    /** What a config.json says; empty: nothing is quantised. */
    static Optional<CheckpointQuantization> read(Path configJson) {
        JsonFile json = JsonFile.read(configJson);
        if (json.find(FIELD).isEmpty()) {
            return Optional.empty();
        }
        String name = json.optionalText(FIELD + ".quant_method").orElse("none");
        return Optional.of(
                switch (name) {
                    case "gptq" -> gptq(json);
                    case "awq" -> awq(json);
                    default ->
                        throw json.failure(
                                FIELD + ".quant_method",
                                "gptq or awq (others are not read; take the checkpoint in bfloat16)",
                                name);
                });
    }

    private static CheckpointQuantization gptq(JsonFile json) {
        refuse(json, "dynamic");
        refuse(json, "lm_head");
        int bits = json.positiveInt(FIELD + ".bits");
        if (bits != 4 && bits != 8) {
            throw json.failure(FIELD + ".bits", "4 or 8", bits);
        }
        String format = json.optionalText(FIELD + ".checkpoint_format").orElse("gptq");
        if (!List.of("gptq", "gptq_v2").contains(format)) {
            throw json.failure(FIELD + ".checkpoint_format", "gptq or gptq_v2", format);
        }
        return new CheckpointQuantization(Method.GPTQ, bits, groupSize(json), format.equals("gptq"));
    }

    private static CheckpointQuantization awq(JsonFile json) {
        refuse(json, "modules_to_not_convert");
        int bits = json.positiveInt(FIELD + ".bits");
        String version = json.optionalText(FIELD + ".version").orElse("gemm");
        if (bits != 4 || !version.equalsIgnoreCase("gemm")) {
            throw json.failure(FIELD, "4 bits in version gemm", bits + " bits in version " + version);
        }
        return new CheckpointQuantization(Method.AWQ, bits, groupSize(json), false);
    }

    /** Parts that would make some modules others than the rest. */
    private static void refuse(JsonFile json, String field) {
        json.find(FIELD + "." + field).ifPresent(found -> {
            boolean nothing = found.isContainerNode() ? found.isEmpty() : !found.asBoolean(true);
            if (!nothing) {
                throw json.failure(FIELD + "." + field, "none (all linear modules of the layers alike)", found);
            }
        });
    }

    private static int groupSize(JsonFile json) {
        int size = json.find(FIELD + ".group_size")
                .filter(node -> node.isInt() && (node.intValue() == -1 || node.intValue() > 0))
                .orElseThrow(() -> json.failure(FIELD + ".group_size", "a whole number, or -1 for all", "another"))
                .intValue();
        return Math.max(size, 0);
    }

    /** Tensors of a checkpoint of this kind, by name and shape, in place of the weights of linear modules. */
    void replace(SortedMap<String, long[]> shapes, ModelConfig config) {
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            for (LinearModule module : DecoderLayout.of(config).modules()) {
                String path = module.path(layer);
                shapes.remove(path + ".weight");
                int in = module.inFeatures(config);
                int out = module.outFeatures(config);
                if (in % group(in) != 0 || in * bits % WORD != 0 || out * bits % WORD != 0) {
                    throw new CheckpointException(path + ": [" + out + ", " + in
                            + "] is not a whole number of groups of " + group(in) + " and words of " + WORD / bits);
                }
                int groups = in / group(in);
                shapes.put(
                        path + ".qweight",
                        switch (method) {
                            case GPTQ -> new long[] {in * bits / WORD, out};
                            case AWQ -> new long[] {in, out * bits / WORD};
                        });
                shapes.put(path + ".qzeros", new long[] {groups, out * bits / WORD});
                shapes.put(path + ".scales", new long[] {groups, out});
                if (method == Method.GPTQ) {
                    shapes.put(path + ".g_idx", new long[] {in});
                }
            }
        }
    }

    /** Inputs of a group of a module that has so many. */
    public int group(int in) {
        return groupSize == 0 ? in : groupSize;
    }
}
