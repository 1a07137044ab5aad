package io.lorikeet.engine.adapter;

import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A LoRA adapter in memory, complete: what its kind has for every targeted module, all values finite. It
 * comes from a folder as PEFT writes it, and goes to one that PEFT loads.
 */
public final class PeftAdapter {
    /** PEFT's file of settings. */
    public static final String CONFIG_FILE = "adapter_config.json";
    /** PEFT's file of tensors. */
    public static final String TENSORS_FILE = "adapter_model.safetensors";

    private static final String PICKLED_FILE = "adapter_model.bin";

    private final LoraConfig config;
    private final SortedMap<LoraTarget, LoraWeights> weights;

    private PeftAdapter(LoraConfig config, SortedMap<LoraTarget, LoraWeights> weights) {
        this.config = config;
        this.weights = Collections.unmodifiableSortedMap(weights);
    }

    /**
     * Puts an adapter together, as training does.
     *
     * @throws AdapterException if a pair is missing, does not fit {@code base}, or holds a value that is not finite
     */
    public static PeftAdapter of(LoraConfig config, SortedMap<LoraTarget, LoraWeights> weights, ModelConfig base) {
        PeftTensors.check(config, weights, base);
        return new PeftAdapter(config, new TreeMap<>(weights));
    }

    /**
     * Reads an adapter from the bytes of its two files, and believes none of them before it is checked.
     *
     * @throws AdapterException if it is not one that {@code base} can serve
     */
    public static PeftAdapter parse(byte[] adapterConfigJson, byte[] safetensors, ModelConfig base) {
        LoraConfig config = LoraConfig.parse(adapterConfigJson, base);
        return new PeftAdapter(config, PeftTensors.read(safetensors, config, base));
    }

    /** Reads an adapter's folder; see {@link #parse}. */
    public static PeftAdapter read(Path directory, ModelConfig base) {
        byte[] config = bytes(directory, CONFIG_FILE);
        return parse(config, bytes(directory, TENSORS_FILE), base);
    }

    /** Writes the folder that PEFT loads: the tensors first, so that a folder with a configuration is whole. */
    public void save(Path directory) {
        save(directory, Optional.empty());
    }

    /**
     * The same.
     *
     * @param base where PEFT's auto classes find the base model
     */
    public void save(Path directory, Optional<String> base) {
        PeftTensors.writer(config, weights).write(directory.resolve(TENSORS_FILE));
        PeftConfigWriter.write(config, weights.keySet(), base, directory.resolve(CONFIG_FILE));
    }

    public LoraConfig config() {
        return config;
    }

    /** A and B of every targeted module, by layer. */
    public SortedMap<LoraTarget, LoraWeights> weights() {
        return weights;
    }

    public LoraWeights weights(int layer, LinearModule module) {
        LoraWeights pair = weights.get(new LoraTarget(layer, module));
        if (pair == null) {
            throw new IllegalArgumentException("the adapter does not target " + module.path(layer));
        }
        return pair;
    }

    /** Numbers in all of its matrices and vectors together. */
    public long parameterCount() {
        return weights.values().stream().mapToLong(LoraWeights::parameterCount).sum();
    }

    /** The largest rank of its modules. */
    public int rank() {
        return weights.keySet().stream().mapToInt(config::r).max().orElseThrow();
    }

    private static byte[] bytes(Path directory, String name) {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new AdapterException(Reason.UNREADABLE, directory + ": " + look(directory, name));
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AdapterException(Reason.UNREADABLE, file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String look(Path directory, String missing) {
        String expected = "; expected an adapter's folder with " + CONFIG_FILE + " and " + TENSORS_FILE;
        if (!Files.exists(directory)) {
            return "does not exist" + expected;
        }
        if (!Files.isDirectory(directory)) {
            return "is a file" + expected;
        }
        if (Files.exists(directory.resolve(PICKLED_FILE))) {
            return "holds pickled tensors (" + PICKLED_FILE + "), which are not read because a pickle can run code"
                    + expected;
        }
        if (Files.exists(directory.resolve("config.json"))) {
            return "is a whole model" + expected;
        }
        return "has no " + missing + expected;
    }
}
