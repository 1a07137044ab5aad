package io.lorikeet.inference.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.inference.ServedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A real, if senseless, Qwen2 model of 512 tokens: the engine's reference weights, and a byte-level tokenizer for them in
 * which each token that is no byte is a word of its own, so that every generated token shows in the text.
 */
public final class TestModel {
    /** The id under which it is served: its folder's name. */
    public static final String ID = "tiny";

    /** Its folder, relative to the module. */
    public static final Path FOLDER = Path.of("target", "test-model", ID);

    private static final Path GOLDEN =
            Path.of("..", "engine", "src", "test", "resources", "golden", "qwen2-tiny", "model");
    /** ChatML that names the tools, which leaves the most room, and writes calls as Qwen2.5's does. */
    private static final String TEMPLATE = """
            {% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}\
            {% if loop.first and tools %}{% for tool in tools %}{{ tool.function.name }}{% endfor %}{% endif %}\
            {{ message.content }}{% for call in message.tool_calls %}\
            {{ '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}\
            {{ call.function.arguments | tojson }}{{ '}\\n</tool_call>' }}{% endfor %}{{ '<|im_end|>\\n' }}{% endfor %}\
            {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""";

    private static final int IM_START = 509;
    private static final int ENDOFTEXT = 510;
    private static final int IM_END = 511;

    private TestModel() {}

    /** Makes the folder; again if it is there. */
    public static synchronized Path create() {
        try {
            Files.createDirectories(FOLDER);
            for (var name : new String[] {"config.json", "generation_config.json", "model.safetensors"}) {
                Files.copy(GOLDEN.resolve(name), FOLDER.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
            var json = new ObjectMapper();
            json.writeValue(FOLDER.resolve("tokenizer.json").toFile(), tokenizer(json));
            json.writeValue(
                    FOLDER.resolve("tokenizer_config.json").toFile(),
                    json.createObjectNode().put("chat_template", TEMPLATE));
            return FOLDER;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its configuration. */
    public static ModelConfig config() {
        try (var checkpoint = ModelCheckpoint.open(create())) {
            return checkpoint.config();
        }
    }

    /** It, as the service knows it. */
    public static ServedModel served() {
        try (var checkpoint = ModelCheckpoint.open(create())) {
            return new ServedModel(
                    ID,
                    checkpoint.fingerprint(),
                    checkpoint.generationConfig(),
                    checkpoint.config().maxPositionEmbeddings());
        }
    }

    /** Its fingerprint. */
    public static String fingerprint() {
        try (var checkpoint = ModelCheckpoint.open(create())) {
            return checkpoint.fingerprint();
        }
    }

    private static ObjectNode tokenizer(ObjectMapper json) {
        var root = json.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation").putNull("padding").putNull("normalizer").putNull("post_processor");
        var added = root.putArray("added_tokens");
        for (int id : new int[] {IM_START, ENDOFTEXT, IM_END}) {
            added.addObject()
                    .put("id", id)
                    .put("content", special(id))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        for (var part : new String[] {"pre_tokenizer", "decoder"}) {
            root.putObject(part)
                    .put("type", "ByteLevel")
                    .put("add_prefix_space", false)
                    .put("trim_offsets", false)
                    .put("use_regex", false);
        }
        var model = root.putObject("model");
        model.put("type", "BPE").putNull("dropout").putNull("unk_token");
        model.put("fuse_unk", false).put("byte_fallback", false);
        var vocabulary = model.putObject("vocab");
        for (int id = 0; id < IM_START; id++) {
            vocabulary.put(id < 256 ? String.valueOf(spelling(id)) : spelling(' ') + "w" + id, id);
        }
        model.putArray("merges");
        return root;
    }

    private static String special(int id) {
        return switch (id) {
            case IM_START -> "<|im_start|>";
            case ENDOFTEXT -> "<|endoftext|>";
            case IM_END -> "<|im_end|>";
            default -> throw new IllegalArgumentException("no special token " + id);
        };
    }

    /** GPT-2's spelling of a byte: printable ones as they are, the others from U+0100 on, in order. */
    private static char spelling(int wanted) {
        if (isPrintable(wanted)) {
            return (char) wanted;
        }
        int others = 0;
        for (int b = 0; b < wanted; b++) {
            if (!isPrintable(b)) {
                others++;
            }
        }
        return (char) (256 + others);
    }

    private static boolean isPrintable(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
    }
}
