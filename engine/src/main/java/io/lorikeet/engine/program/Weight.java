package io.lorikeet.engine.program;

import io.lorikeet.engine.checkpoint.Qwen2Config;
import java.util.ArrayList;
import java.util.List;

/**
 * Where one tensor of a checkpoint lies among the program's stacked weights ({@code weights.torchscript}).
 *
 * @param name Hugging Face's name
 * @param index the stacked weight
 * @param firstRow the tensor's first row in it
 * @param rows its rows
 */
record Weight(String name, int index, int firstRow, int rows) {

    /** Every tensor of a checkpoint, in the program's order; a tied output matrix is not among them. */
    static List<Weight> all(Qwen2Config config) {
        int attention = config.attentionSize();
        int keyValue = config.keyValueSize();
        int hidden = config.hiddenSize();
        int mlp = config.intermediateSize();
        List<Weight> all = new ArrayList<>();
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            int at = 7 * layer;
            all.add(new Weight(prefix + "input_layernorm.weight", at, 0, hidden));
            for (String kind : List.of("weight", "bias")) {
                int qkv = at + (kind.equals("weight") ? 1 : 2);
                all.add(new Weight(prefix + "self_attn.q_proj." + kind, qkv, 0, attention));
                all.add(new Weight(prefix + "self_attn.k_proj." + kind, qkv, attention, keyValue));
                all.add(new Weight(prefix + "self_attn.v_proj." + kind, qkv, attention + keyValue, keyValue));
            }
            all.add(new Weight(prefix + "self_attn.o_proj.weight", at + 3, 0, hidden));
            all.add(new Weight(prefix + "post_attention_layernorm.weight", at + 4, 0, hidden));
            all.add(new Weight(prefix + "mlp.gate_proj.weight", at + 5, 0, mlp));
            all.add(new Weight(prefix + "mlp.up_proj.weight", at + 5, mlp, mlp));
            all.add(new Weight(prefix + "mlp.down_proj.weight", at + 6, 0, hidden));
        }
        int last = 7 * config.numHiddenLayers();
        all.add(new Weight("model.embed_tokens.weight", last, 0, config.vocabSize()));
        all.add(new Weight("model.norm.weight", last + 1, 0, hidden));
        if (!config.tieWordEmbeddings()) {
            all.add(new Weight("lm_head.weight", last + 2, 0, config.vocabSize()));
        }
        return all;
    }
}
