package io.lorikeet.engine.checkpoint;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tensors that a Qwen2 checkpoint must hold, by Hugging Face's names, with their shapes. Weights are [out, in]. */
public final class Qwen2Tensors {
    static final String EMBED_TOKENS = "model.embed_tokens.weight";
    static final String LM_HEAD = "lm_head.weight";

    private Qwen2Tensors() {}

    /** Name and shape of each. */
    public static SortedMap<String, long[]> expected(Qwen2Config config) {
        SortedMap<String, long[]> shapes = new TreeMap<>();
        long hidden = config.hiddenSize();
        long mlp = config.intermediateSize();
        long attention = config.attentionSize();
        long keyValue = config.keyValueSize();
        shapes.put(EMBED_TOKENS, new long[] {config.vocabSize(), hidden});
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            shapes.put(prefix + "input_layernorm.weight", new long[] {hidden});
            shapes.put(prefix + "self_attn.q_proj.weight", new long[] {attention, hidden});
            shapes.put(prefix + "self_attn.q_proj.bias", new long[] {attention});
            shapes.put(prefix + "self_attn.k_proj.weight", new long[] {keyValue, hidden});
            shapes.put(prefix + "self_attn.k_proj.bias", new long[] {keyValue});
            shapes.put(prefix + "self_attn.v_proj.weight", new long[] {keyValue, hidden});
            shapes.put(prefix + "self_attn.v_proj.bias", new long[] {keyValue});
            shapes.put(prefix + "self_attn.o_proj.weight", new long[] {hidden, attention});
            shapes.put(prefix + "post_attention_layernorm.weight", new long[] {hidden});
            shapes.put(prefix + "mlp.gate_proj.weight", new long[] {mlp, hidden});
            shapes.put(prefix + "mlp.up_proj.weight", new long[] {mlp, hidden});
            shapes.put(prefix + "mlp.down_proj.weight", new long[] {hidden, mlp});
        }
        shapes.put("model.norm.weight", new long[] {hidden});
        if (!config.tieWordEmbeddings()) {
            shapes.put(LM_HEAD, new long[] {config.vocabSize(), hidden});
        }
        return Collections.unmodifiableSortedMap(shapes);
    }

    /** Tensors that some checkpoints hold besides and that change nothing: a copy of a tied matrix, cached frequencies. */
    static boolean isRedundant(String name, Qwen2Config config) {
        return (config.tieWordEmbeddings() && name.equals(LM_HEAD)) || name.endsWith(".rotary_emb.inv_freq");
    }
}
