package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.ModelConfig;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;

/** See {@link ModelCheckpoint#fingerprint}. */
final class Fingerprint {
    private static final int PAGE = 4096;
    private static final int SAMPLES = 16;

    private Fingerprint() {}

    static String of(ModelConfig config, SortedMap<String, TensorSlice> tensors) {
        MessageDigest digest = sha256();
        text(digest, architecture(config));
        for (TensorSlice tensor : tensors.values()) {
            text(digest, tensor.name() + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape()));
            sample(digest, tensor.bytes());
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    /** What the numbers depend on, and nothing else: token ids, dtype of computation and context length may be edited. */
    private static String architecture(ModelConfig c) {
        return "%s vocab_size=%d hidden_size=%d intermediate_size=%d num_hidden_layers=%d num_attention_heads=%d "
                        .formatted(
                                c.architecture().modelType(),
                                c.vocabSize(),
                                c.hiddenSize(),
                                c.intermediateSize(),
                                c.numHiddenLayers(),
                                c.numAttentionHeads())
                + "num_key_value_heads=%d head_dim=%d rms_norm_eps=%s rope_theta=%s tie_word_embeddings=%s"
                        .formatted(
                                c.numKeyValueHeads(),
                                c.headDim(),
                                c.rmsNormEps(),
                                c.ropeTheta(),
                                c.tieWordEmbeddings());
    }

    private static void sample(MessageDigest digest, MemorySegment bytes) {
        long size = bytes.byteSize();
        if (size <= (long) SAMPLES * PAGE) {
            digest.update(bytes.asByteBuffer());
            return;
        }
        for (int i = 0; i < SAMPLES; i++) {
            // The first sample begins with the tensor, the last ends with it. (Divided first: no overflow at any size.)
            long offset = (size - PAGE) / (SAMPLES - 1) * i + (size - PAGE) % (SAMPLES - 1) * i / (SAMPLES - 1);
            digest.update(bytes.asSlice(offset, PAGE).asByteBuffer());
        }
    }

    private static void text(MessageDigest digest, String line) {
        digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
