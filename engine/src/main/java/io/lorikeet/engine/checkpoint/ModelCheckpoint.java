package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.ModelConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model directory, open: configuration, and every tensor that the model needs, checked by name and shape and mapped
 * into memory. Slices die with the checkpoint, so close it after the weights are on their device.
 */
public final class ModelCheckpoint implements AutoCloseable {
    private final Path directory;
    private final ModelConfig config;
    private final GenerationConfig generationConfig;
    private final CheckpointFiles files;
    private final SortedMap<String, TensorSlice> tensors;
    private final String fingerprint;

    private ModelCheckpoint(
            Path directory, ModelConfig config, GenerationConfig generationConfig, CheckpointFiles files) {
        this.directory = directory;
        this.config = config;
        this.generationConfig = generationConfig;
        this.files = files;
        this.tensors = Collections.unmodifiableSortedMap(select(directory, config, files));
        this.fingerprint = Fingerprint.of(config, tensors);
    }

    /** Opens a directory as Hugging Face writes it; {@link CheckpointException} says what is wrong with it, if anything is. */
    public static ModelCheckpoint open(Path directory) {
        ModelDirectory.check(directory);
        ModelConfig config = ConfigReader.read(directory.resolve(ModelDirectory.CONFIG));
        GenerationConfig generation = GenerationConfig.read(directory.resolve("generation_config.json"), config);
        CheckpointFiles files = CheckpointFiles.open(directory);
        try {
            return new ModelCheckpoint(directory, config, generation, files);
        } catch (RuntimeException e) {
            files.close();
            throw e;
        }
    }

    public Path directory() {
        return directory;
    }

    public ModelConfig config() {
        return config;
    }

    public GenerationConfig generationConfig() {
        return generationConfig;
    }

    /** The tensors that the model needs, in name order; {@code lm_head.weight} is among them only if it is not tied. */
    public SortedMap<String, TensorSlice> tensors() {
        return tensors;
    }

    public TensorSlice tensor(String name) {
        TensorSlice slice = tensors.get(name);
        if (slice == null) {
            throw new CheckpointException(directory + ": no tensor " + name + " in a model of this configuration");
        }
        return slice;
    }

    /** The output matrix [vocab, hidden]: {@code lm_head.weight}, or the embedding if they are tied. */
    public TensorSlice lmHead() {
        return tensor(config.tieWordEmbeddings() ? DecoderLayout.EMBED_TOKENS : DecoderLayout.LM_HEAD);
    }

    /**
     * Tells base models apart: {@code sha256:} over the architecture and, for each tensor in name order, its name, dtype,
     * shape and pages of 4 KiB sampled at 16 places. Fast on 15 GB, the same however the model is sharded; a fingerprint, not
     * a checksum: a flipped bit between the samples goes unseen.
     */
    public String fingerprint() {
        return fingerprint;
    }

    private static SortedMap<String, TensorSlice> select(Path directory, ModelConfig config, CheckpointFiles files) {
        SortedMap<String, TensorSlice> selected = new TreeMap<>();
        SortedMap<String, long[]> expected = DecoderLayout.of(config).shapes();
        expected.forEach((name, shape) -> {
            TensorSlice slice = files.tensors().get(name);
            if (slice == null) {
                throw new CheckpointException(directory + ": tensor " + name + " " + Arrays.toString(shape)
                        + " is in no file; config.json asks for it");
            }
            if (!Arrays.equals(slice.shape(), shape)) {
                throw new CheckpointException(files.source(name) + ": tensor " + name + ": config.json asks for shape "
                        + Arrays.toString(shape) + ", found " + Arrays.toString(slice.shape()));
            }
            if (!slice.dtype().isWeight()) {
                throw new CheckpointException(files.source(name) + ": tensor " + name
                        + ": expected a dtype of F32, BF16 or F16, found " + slice.dtype());
            }
            selected.put(name, slice);
        });
        for (String name : files.tensors().keySet()) {
            if (!expected.containsKey(name) && !isRedundant(name, config)) {
                throw new CheckpointException(files.source(name) + ": tensor " + name
                        + " belongs to no part of the model that config.json describes");
            }
        }
        return selected;
    }

    /** Tensors that some checkpoints hold besides and that change nothing: a copy of a tied matrix, cached frequencies. */
    private static boolean isRedundant(String name, ModelConfig config) {
        return (config.tieWordEmbeddings() && name.equals(DecoderLayout.LM_HEAD))
                || name.endsWith(".rotary_emb.inv_freq");
    }

    @Override
    public void close() {
        files.close();
    }
}
