package io.lorikeet.engine.model;

import java.util.List;
import java.util.Optional;

/**
 * A decoder's architecture and its numbers, by Hugging Face's names.
 *
 * @param headDim size of one attention head; {@code hiddenSize / numAttentionHeads} unless the file says otherwise
 * @param ropeTheta base of the rotary embedding's frequencies
 * @param tieWordEmbeddings whether the embedding is the output matrix too
 * @param dtype what the weights were trained in, as far as the file says it; each tensor knows its own
 * @param eosTokenIds tokens that end an answer; generation_config.json goes before this
 */
public record ModelConfig(
        Architecture architecture,
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int numKeyValueHeads,
        int headDim,
        double rmsNormEps,
        double ropeTheta,
        boolean tieWordEmbeddings,
        int maxPositionEmbeddings,
        DType dtype,
        List<Integer> eosTokenIds,
        Optional<Integer> bosTokenId,
        Optional<Integer> padTokenId) {
    public ModelConfig {
        eosTokenIds = List.copyOf(eosTokenIds);
        require(
                numAttentionHeads % numKeyValueHeads == 0,
                "num_attention_heads: expected a multiple of num_key_value_heads " + numKeyValueHeads + ", found "
                        + numAttentionHeads);
        require(headDim % 2 == 0, "head_dim: expected an even number (rotary pairs), found " + headDim);
        require(rmsNormEps > 0 && rmsNormEps < 1, "rms_norm_eps: expected a number in (0, 1), found " + rmsNormEps);
        require(
                ropeTheta > 1 && Double.isFinite(ropeTheta),
                "rope_theta: expected a number above 1, found " + ropeTheta);
    }

    /** Rows of q_proj, columns of o_proj. */
    public int attentionSize() {
        return numAttentionHeads * headDim;
    }

    /** Rows of k_proj and of v_proj. */
    public int keyValueSize() {
        return numKeyValueHeads * headDim;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
