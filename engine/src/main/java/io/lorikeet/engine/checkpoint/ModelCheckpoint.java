package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.Quantization;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model directory, open: configuration, and every tensor that the model needs, checked by name and shape and mapped
 * into memory. Slices die with the checkpoint, so close it after the weights are on their device.
 */
public final class ModelCheckpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCheckpoint.class);

    private final Path directory;
    private final ModelConfig config;
    private final GenerationConfig generationConfig;
    private final CheckpointFiles files;
    private final SortedMap<String, TensorSlice> tensors;
    private final String fingerprint;
    private final Optional<CheckpointQuantization> quantization;

    private ModelCheckpoint(
            Path directory,
            ModelConfig config,
            Optional<CheckpointQuantization> quantization,
            GenerationConfig generationConfig,
            CheckpointFiles files) {
        this.quantization = quantization;
        this.directory = directory;
        this.config = config;
        this.generationConfig = generationConfig;
        this.files = files;
        this.tensors = Collections.unmodifiableSortedMap(select(directory, config, quantization, files));
        this.fingerprint = Fingerprint.of(config, tensors);
    }

    /** Opens a directory as Hugging Face writes it; {@link CheckpointException} says what is wrong with it, if anything is. */
    public static ModelCheckpoint open(Path directory) {
        ModelDirectory.check(directory);
        ModelConfig described = ConfigReader.read(directory.resolve(ModelDirectory.CONFIG));
        GenerationConfig generation = GenerationConfig.read(directory.resolve("generation_config.json"), described);
        Optional<CheckpointQuantization> quantization =
                CheckpointQuantization.read(directory.resolve(ModelDirectory.CONFIG));
        CheckpointFiles files = CheckpointFiles.open(directory);
        try {
            return new ModelCheckpoint(directory, tied(directory, described, files), quantization, generation, files);
        } catch (RuntimeException e) {
            files.close();
            throw e;
        }
    }

    public Path directory() {
        return directory;
    }

    /** What config.json says, but that an output matrix of other values than the embedding is not tied to it. */
    public ModelConfig config() {
        return config;
    }

    public GenerationConfig generationConfig() {
        return generationConfig;
    }

    /** How its linear modules come quantised; empty: they do not. */
    public Optional<CheckpointQuantization> quantization() {
        return quantization;
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

    /** The file that holds a tensor, mapped once more, for who needs it longer than the checkpoint. */
    public Safetensors reopen(String tensor) {
        return Safetensors.open(Path.of(files.source(tensor)));
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

    /**
     * The same of the base that is made of it by quantising: the fingerprint with the format's name behind a {@code +}. An adapter
     * that was trained over the one does not know the other.
     */
    public String fingerprint(Quantization quantization) {
        return quantization == Quantization.NONE ? fingerprint : fingerprint + "+" + quantization.id();
    }

    /**
     * As transformers 5: an output matrix that differs from the embedding to which config.json ties it is a matrix of its own,
     * one that is equal a copy.
     */
    private static ModelConfig tied(Path directory, ModelConfig described, CheckpointFiles files) {
        TensorSlice head = files.tensors().get(DecoderLayout.LM_HEAD);
        TensorSlice embedding = files.tensors().get(DecoderLayout.EMBED_TOKENS);
        if (!described.tieWordEmbeddings() || head == null || embedding == null || head.isCopyOf(embedding)) {
            return described;
        }
        LOG.warn(
                "{}: config.json says tie_word_embeddings, but {} has other values than {}: it is used as it is, as"
                        + " transformers 5 does; tie_word_embeddings false would say so",
                directory,
                DecoderLayout.LM_HEAD,
                DecoderLayout.EMBED_TOKENS);
        return described.untied();
    }

    private static SortedMap<String, TensorSlice> select(
            Path directory, ModelConfig config, Optional<CheckpointQuantization> quantization, CheckpointFiles files) {
        SortedMap<String, TensorSlice> selected = new TreeMap<>();
        SortedMap<String, long[]> expected =
                new TreeMap<>(DecoderLayout.of(config).shapes());
        quantization.ifPresent(how -> how.replace(expected, config));
        expected.forEach((name, shape) -> {
            TensorSlice slice = files.tensors().get(name);
            if (slice == null && name.endsWith(".g_idx")) {
                return;
            }
            if (slice == null) {
                throw new CheckpointException(directory + ": tensor " + name + " " + Arrays.toString(shape)
                        + " is in no file; config.json asks for it");
            }
            if (!Arrays.equals(slice.shape(), shape)) {
                throw new CheckpointException(files.source(name) + ": tensor " + name + ": config.json asks for shape "
                        + Arrays.toString(shape) + ", found " + Arrays.toString(slice.shape()));
            }
            boolean packed = isPacked(name);
            if (packed ? slice.dtype() != DType.I32 : !slice.dtype().isWeight()) {
                throw new CheckpointException(files.source(name) + ": tensor " + name + ": expected a dtype of "
                        + (packed ? "I32" : "F32, BF16 or F16") + ", found " + slice.dtype());
            }
            selected.put(name, slice);
        });
        for (String name : files.tensors().keySet()) {
            boolean noBias = quantization.isPresent()
                    && name.endsWith(".bias")
                    && isZero(files.tensors().get(name));
            if (!expected.containsKey(name) && !isRedundant(name, config) && !noBias) {
                throw new CheckpointException(files.source(name) + ": tensor " + name
                        + " belongs to no part of the model that config.json describes");
            }
        }
        return selected;
    }

    private static boolean isPacked(String name) {
        return name.endsWith(".qweight") || name.endsWith(".qzeros") || name.endsWith(".g_idx");
    }

    /** AutoGPTQ writes a bias for every module, of zeros where the model has none. */
    private static boolean isZero(TensorSlice bias) {
        for (long i = 0; i < bias.byteSize(); i++) {
            if (bias.bytes().get(ValueLayout.JAVA_BYTE, i) != 0) {
                return false;
            }
        }
        return true;
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
