package io.lorikeet.pretraining;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.engine.tokenizer.ByteLevel;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.pretraining.BpeTrainer.Merge;
import io.lorikeet.pretraining.BpeTrainer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** tokenizer.json and tokenizer_config.json in the form of Qwen2's. */
final class TokenizerFiles {
    /** Tokens that are no text, after the vocabulary in this order; Qwen2's. */
    static final List<String> SPECIAL =
            List.of(Qwen2Tokenizer.END_OF_TEXT, Qwen2Tokenizer.IM_START, Qwen2Tokenizer.IM_END);

    /** Tokens that are text and stand for themselves, after those; Qwen2.5's, which its chat template writes around calls and results. */
    static final List<String> TOOLS = List.of("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>");

    /** All tokens beside the vocabulary. */
    static final List<String> ADDED =
            Stream.of(SPECIAL, TOOLS).flatMap(List::stream).toList();

    /** What Qwen2's chat template puts where a conversation brings no system prompt. */
    static final String DEFAULT_SYSTEM = "You are a helpful assistant.";

    /** Qwen2.5's layout, tools and all. */
    private static final String CHAT_TEMPLATE = """
            {% if messages[0]['role'] == 'system' %}\
            {% set system = messages[0]['content'] %}{% set turns = messages[1:] %}\
            {% else %}\
            {% set system = '\
            """ + DEFAULT_SYSTEM + """
            ' %}{% set turns = messages %}\
            {% endif %}\
            {{ '<|im_start|>system\\n' + system }}\
            {% if tools %}\
            {{ '\\n\\n# Tools\\n\\nYou may call one or more functions to assist with the user query.\\n\\n' }}\
            {{ 'You are provided with function signatures within <tools></tools> XML tags:\\n<tools>' }}\
            {% for tool in tools %}{{ '\\n' + (tool | tojson) }}{% endfor %}\
            {{ '\\n</tools>\\n\\nFor each function call, return a json object with function name and arguments within ' }}\
            {{ '<tool_call></tool_call> XML tags:\\n<tool_call>\\n' }}\
            {{ '{"name": <function-name>, "arguments": <args-json-object>}\\n</tool_call>' }}\
            {% endif %}\
            {{ '<|im_end|>\\n' }}\
            {% for message in turns %}\
            {% if message['role'] == 'tool' %}\
            {% if loop.first or turns[loop.index0 - 1]['role'] != 'tool' %}{{ '<|im_start|>user' }}{% endif %}\
            {{ '\\n<tool_response>\\n' + message['content'] + '\\n</tool_response>' }}\
            {% if loop.last or turns[loop.index0 + 1]['role'] != 'tool' %}{{ '<|im_end|>\\n' }}{% endif %}\
            {% else %}\
            {{ '<|im_start|>' + message['role'] }}\
            {% if message['content'] or not message['tool_calls'] %}{{ '\\n' + message['content'] }}{% endif %}\
            {% for call in message['tool_calls'] %}\
            {{ '\\n<tool_call>\\n{"name": "' + call['function']['name'] + '", "arguments": ' }}\
            {{ call['function']['arguments'] | tojson }}{{ '}\\n</tool_call>' }}\
            {% endfor %}\
            {{ '<|im_end|>\\n' }}\
            {% endif %}\
            {% endfor %}\
            {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""";

    private TokenizerFiles() {}

    static void write(Path directory, Vocabulary vocabulary, int maxLength) throws IOException {
        Files.write(directory.resolve("tokenizer.json"), Json.write(tokenizer(vocabulary)));
        Files.write(directory.resolve("tokenizer_config.json"), Json.write(config(vocabulary, maxLength)));
    }

    /** The id of a token beside the vocabulary. */
    static int id(String added, Vocabulary vocabulary) {
        return vocabulary.tokens().size() + ADDED.indexOf(added);
    }

    private static ObjectNode tokenizer(Vocabulary vocabulary) {
        ObjectNode root = Json.mapper().createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        var added = root.putArray("added_tokens");
        ADDED.forEach(token -> added.add(addedToken(token).put("id", id(token, vocabulary))));
        root.putObject("normalizer").put("type", "NFC");
        ObjectNode sequence = root.putObject("pre_tokenizer").put("type", "Sequence");
        var steps = sequence.putArray("pretokenizers");
        ObjectNode split = steps.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", Qwen2PreTokenizer.EXPRESSION);
        split.put("behavior", "Isolated").put("invert", false);
        steps.add(byteLevel());
        root.set("post_processor", byteLevel());
        root.set("decoder", byteLevel());
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.putNull("dropout").putNull("unk_token");
        model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
        model.put("fuse_unk", false).put("byte_fallback", false);
        ObjectNode vocab = model.putObject("vocab");
        for (byte[] token : vocabulary.tokens()) {
            vocab.put(ByteLevel.spelling(token), vocab.size());
        }
        var merges = model.putArray("merges");
        for (Merge merge : vocabulary.merges()) {
            merges.add(ByteLevel.spelling(vocabulary.tokens().get(merge.left())) + " "
                    + ByteLevel.spelling(vocabulary.tokens().get(merge.right())));
        }
        return root;
    }

    private static ObjectNode config(Vocabulary vocabulary, int maxLength) {
        ObjectNode root = Json.mapper().createObjectNode();
        root.put("add_prefix_space", false);
        ObjectNode decoder = root.putObject("added_tokens_decoder");
        ADDED.forEach(token -> decoder.set(Integer.toString(id(token, vocabulary)), addedToken(token)));
        var additional = root.putArray("additional_special_tokens");
        additional.add(Qwen2Tokenizer.IM_START).add(Qwen2Tokenizer.IM_END);
        root.putNull("bos_token");
        root.put("chat_template", CHAT_TEMPLATE);
        root.put("clean_up_tokenization_spaces", false);
        root.put("eos_token", Qwen2Tokenizer.IM_END);
        root.put("errors", "replace");
        root.put("model_max_length", maxLength);
        root.put("pad_token", Qwen2Tokenizer.END_OF_TEXT);
        root.put("split_special_tokens", false);
        root.put("tokenizer_class", "Qwen2Tokenizer");
        root.putNull("unk_token");
        return root;
    }

    private static ObjectNode addedToken(String content) {
        return Json.mapper()
                .createObjectNode()
                .put("content", content)
                .put("lstrip", false)
                .put("normalized", false)
                .put("rstrip", false)
                .put("single_word", false)
                .put("special", SPECIAL.contains(content));
    }

    private static ObjectNode byteLevel() {
        return Json.mapper()
                .createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", false);
    }
}
