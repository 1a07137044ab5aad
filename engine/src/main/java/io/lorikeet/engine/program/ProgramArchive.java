package io.lorikeet.engine.program;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs the numeric program, text in TorchScript's serialised dialect under {@code resources/…/program/qwen2}, into an
 * archive that libtorch loads like one that Python saved: a zip of stored entries with the module's state as a pickle.
 */
final class ProgramArchive {
    private static final String PROJECTION = "projection";
    private static final String PROJECTION_UNPACKED = "projection-unpacked";
    /** libtorch does not load a program that names an operator it was built without. */
    private static final boolean HAS_ONEDNN = System.getProperty("os.arch").equals("amd64");

    private static final List<String> FILES = List.of(
            PROJECTION,
            "weights",
            "rotary",
            "lora",
            "attention",
            "mlp",
            "sampling",
            "state",
            "training",
            "optimizer",
            "model");
    private static final String ROOT = "qwen2/";
    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

    private ProgramArchive() {}

    static InputStream pack(ProgramOptions options) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            store(zip, "data.pkl", state(options));
            for (String file : FILES) {
                store(zip, "code/__torch__/qwen2/" + file + ".py", source(file));
            }
            store(zip, "constants.pkl", EMPTY_TUPLE);
            store(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private static byte[] state(ProgramOptions options) {
        var config = options.config();
        var state = new ModuleState("__torch__.qwen2.model", "Qwen2")
                .with("device", options.device().torchName())
                .with("dtype", options.dtype().torchCode())
                .with("num_hidden_layers", config.numHiddenLayers())
                .with("hidden_size", config.hiddenSize())
                .with("num_attention_heads", config.numAttentionHeads())
                .with("num_key_value_heads", config.numKeyValueHeads())
                .with("head_dim", config.headDim())
                .with("intermediate_size", config.intermediateSize())
                .with("vocab_size", config.vocabSize())
                .with("rms_norm_eps", config.rmsNormEps())
                .with("rope_theta", config.ropeTheta())
                .with("rotary_dtype", options.rotaryDtype().torchCode())
                .with("max_position_embeddings", config.maxPositionEmbeddings())
                .with("tie_word_embeddings", config.tieWordEmbeddings())
                .with("max_num_seqs", options.maxNumSeqs())
                .with("max_model_len", options.maxModelLen())
                .with("max_loras", options.maxLoras())
                .with("max_lora_rank", options.maxLoraRank())
                .with("lora_index", options.trainedLora().index())
                .with("lora_scale", options.trainedLora().scale())
                .with("lora_dropout", options.trainedLora().dropout());
        for (String list : List.of(
                "projections",
                "weights",
                "rope",
                "key_cache",
                "value_cache",
                "lora_stacks",
                "lora_masks",
                "rows",
                "prompt_ends",
                "prefix_keys",
                "prefix_values",
                "leaves",
                "leaf_parts",
                "trained",
                "accumulators",
                "gradients",
                "unused",
                "totals",
                "parameters",
                "exp_avg",
                "exp_avg_sq",
                "adamw_step",
                "kept")) {
            state.withEmptyTensorList(list);
        }
        return state.toBytes();
    }

    private static byte[] source(String file) throws IOException {
        String resource =
                "qwen2/" + (file.equals(PROJECTION) && !HAS_ONEDNN ? PROJECTION_UNPACKED : file) + ".torchscript";
        try (InputStream in = ProgramArchive.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the engine's jar lacks " + resource);
            }
            return in.readAllBytes();
        }
    }

    private static void store(ZipOutputStream zip, String name, byte[] data) throws IOException {
        var crc = new CRC32();
        crc.update(data);
        var entry = new ZipEntry(ROOT + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
        zip.closeEntry();
    }
}
