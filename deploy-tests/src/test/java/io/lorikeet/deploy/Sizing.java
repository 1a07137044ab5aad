package io.lorikeet.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * The formulas of {@code docs/operations.md}, "Sizing", for a model of these dimensions; results in bytes.
 *
 * @param tied whether the output head shares the embedding's weights
 */
record Sizing(
        long layers,
        long hiddenSize,
        long attentionHeads,
        long keyValueHeads,
        long headDim,
        long intermediateSize,
        long vocabSize,
        boolean tied) {

    static final Sizing QWEN_2_5_7B = new Sizing(28, 3584, 28, 4, 128, 18_944, 152_064, false);
    static final Sizing QWEN_2_5_3B = new Sizing(36, 2048, 16, 2, 128, 11_008, 151_936, true);
    static final Sizing QWEN_2_5_1_5B = new Sizing(28, 1536, 12, 2, 128, 8960, 151_936, true);

    /** Of the model in a folder. */
    static Sizing of(Path model) {
        try {
            JsonNode config = Project.JSON.readTree(model.resolve("config.json").toFile());
            long heads = config.path("num_attention_heads").asLong();
            long hidden = config.path("hidden_size").asLong();
            return new Sizing(
                    config.path("num_hidden_layers").asLong(),
                    hidden,
                    heads,
                    config.path("num_key_value_heads").asLong(),
                    config.path("head_dim").asLong(hidden / heads),
                    config.path("intermediate_size").asLong(),
                    config.path("vocab_size").asLong(),
                    config.path("tie_word_embeddings").asBoolean());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long query() {
        return attentionHeads * headDim;
    }

    private long keyValue() {
        return keyValueHeads * headDim;
    }

    long parameters() {
        long attention =
                query() * hiddenSize + query() + 2 * (keyValue() * hiddenSize + keyValue()) + hiddenSize * query();
        long layer = attention + 3 * hiddenSize * intermediateSize + 2 * hiddenSize;
        return layers * layer + hiddenSize + (tied ? 1 : 2) * vocabSize * hiddenSize;
    }

    long token(long bytes) {
        return 2 * layers * keyValue() * bytes;
    }

    long cache(long maxNumSeqs, long maxModelLen, long bytes) {
        return token(bytes) * maxNumSeqs * (maxModelLen + 1);
    }

    /** On a GPU; on a processor it is as large as the adapter's parameters. */
    long adapterRoom(long maxLoraRank, long bytes) {
        return layers
                * maxLoraRank
                * bytes
                * (6 * hiddenSize
                        + query()
                        + intermediateSize
                        + 3 * (query() + 2 * keyValue())
                        + hiddenSize
                        + 4 * intermediateSize);
    }

    long adapterParameters(long r) {
        return layers * r * (7 * hiddenSize + 2 * query() + 2 * keyValue() + 3 * intermediateSize);
    }

    /** LoRA of all linear modules while it is trained. */
    long trained(long r, long bytes) {
        long numbers = layers * r * (7 * hiddenSize + 4 * query() + 6 * keyValue() + 5 * intermediateSize);
        return numbers * (17 + bytes);
    }

    long loss(long bytes) {
        return 256 * vocabSize * (12 + 2 * bytes);
    }

    /** Activations of one token of a pass. */
    long activations(long r, boolean dropout, boolean recompute, long bytes) {
        long layer = 10 * hiddenSize + 9 * query() + 8 * keyValue() + 6 * intermediateSize + 7 * r;
        if (!dropout) {
            layer -= 4 * hiddenSize + 2 * query() + 2 * intermediateSize;
        }
        return (long) (1.15 * (bytes * (recompute ? layers * hiddenSize + 2 * layer : (layers + 1) * layer)));
    }

    /** A replica and a trainer on one card, in bfloat16, over one copy of the weights, without what CUDA takes. */
    long oneCard(long slots, long context, long adapters, long rank, long rowTokens) {
        long replica = cache(slots, context, 2) + token(2) * 8 * 512 + (adapters + 1) * adapterRoom(rank, 2);
        long trainer = trained(rank, 2) + loss(2) + rowTokens * activations(rank, true, true, 2);
        return parameters() * 2 + replica + trainer;
    }
}
