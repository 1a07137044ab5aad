package io.lorikeet.trainer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A whole Qwen2 model folder, untrained and as small as one can be: two layers, a token for each byte. Enough for every
 * path of the trainer, and it learns a few words by heart in a second.
 */
public final class TinyModel {
    private static final int HIDDEN = 32;
    private static final int LAYERS = 2;
    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int INTERMEDIATE = 64;
    private static final int BYTES = 256;
    private static final List<String> SPECIAL = List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>");
    private static final int VOCABULARY = 264;
    private static final ObjectMapper JSON = new ObjectMapper();

    private TinyModel() {}

    public static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), """
                {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu", "hidden_size": %d,
                 "num_hidden_layers": %d, "num_attention_heads": %d, "num_key_value_heads": %d, "intermediate_size": %d,
                 "vocab_size": %d, "max_position_embeddings": 256, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
                 "tie_word_embeddings": true, "torch_dtype": "float32", "eos_token_id": %d}
                """.formatted(
                        HIDDEN, LAYERS, HEADS, KV_HEADS, INTERMEDIATE, VOCABULARY, BYTES + 2));
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer().toString());
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"eos_token\": \"<|im_end|>\", \"pad_token\": \"<|endoftext|>\"}");
        weights().write(folder.resolve("model.safetensors"));
        return folder;
    }

    private static SafetensorsWriter weights() {
        var random = new Random(7);
        var writer = new SafetensorsWriter();
        int keyValue = HIDDEN / HEADS * KV_HEADS;
        matrix(writer, random, "model.embed_tokens.weight", VOCABULARY, HIDDEN);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "model.layers." + layer + ".";
            vector(writer, prefix + "input_layernorm.weight", HIDDEN, 1);
            vector(writer, prefix + "post_attention_layernorm.weight", HIDDEN, 1);
            matrix(writer, random, prefix + "self_attn.q_proj.weight", HIDDEN, HIDDEN);
            matrix(writer, random, prefix + "self_attn.k_proj.weight", keyValue, HIDDEN);
            matrix(writer, random, prefix + "self_attn.v_proj.weight", keyValue, HIDDEN);
            matrix(writer, random, prefix + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
            vector(writer, prefix + "self_attn.q_proj.bias", HIDDEN, 0);
            vector(writer, prefix + "self_attn.k_proj.bias", keyValue, 0);
            vector(writer, prefix + "self_attn.v_proj.bias", keyValue, 0);
            matrix(writer, random, prefix + "mlp.gate_proj.weight", INTERMEDIATE, HIDDEN);
            matrix(writer, random, prefix + "mlp.up_proj.weight", INTERMEDIATE, HIDDEN);
            matrix(writer, random, prefix + "mlp.down_proj.weight", HIDDEN, INTERMEDIATE);
        }
        vector(writer, "model.norm.weight", HIDDEN, 1);
        return writer;
    }

    private static void matrix(SafetensorsWriter writer, Random random, String name, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * 0.15);
        }
        writer.add(name, new long[] {rows, columns}, values);
    }

    private static void vector(SafetensorsWriter writer, String name, int size, float value) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        writer.add(name, new long[] {size}, values);
    }

    private static ObjectNode tokenizer() {
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        var added = root.putArray("added_tokens");
        for (int i = 0; i < SPECIAL.size(); i++) {
            added.addObject()
                    .put("id", BYTES + i)
                    .put("content", SPECIAL.get(i))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        root.putNull("normalizer");
        root.set("pre_tokenizer", byteLevel());
        root.set("post_processor", byteLevel());
        root.set("decoder", byteLevel());
        ObjectNode model = root.putObject("model").put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        int beyond = BYTES;
        for (int value = 0; value < BYTES; value++) {
            boolean printable = (value >= '!' && value <= '~') || (value >= 0xa1 && value != 0xad);
            vocabulary.put(Character.toString(printable ? value : beyond++), value);
        }
        model.putArray("merges");
        return root;
    }

    private static ObjectNode byteLevel() {
        return JSON.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", false);
    }
}
