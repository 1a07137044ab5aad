package io.lorikeet.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerFilesTest {
    /** A byte-level BPE of three letters and one merge. */
    private static final String TINY = """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [
               {"id": 5, "content": "<|im_start|>", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false},
               {"id": 6, "content": "<|im_end|>", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}],
             "normalizer": {"type": "NFC"},
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false},
             "post_processor": null,
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "Ċ": 2, "ab": 3, "<": 4}, "merges": ["a b"]}}
            """;

    @TempDir
    private Path model;

    @Test
    void readsATokenizerWithoutAConfig() throws IOException {
        write(TINY);

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            assertThat(tokenizer.encode("<|im_start|>aba\n<|im_end|>")).containsExactly(5, 3, 0, 2, 6);
            assertThat(tokenizer.chatTemplate().defaultSystem()).isEmpty();
            assertThat(tokenizer.stopTokenIds()).containsExactly(6);
        }
    }

    @Test
    void takesTheChatTemplateFromItsOwnFileFirst() throws IOException {
        write(TINY);
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"chat_template\": \"<|im_start|>\"}");
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{{ '<|im_start|>system\\nYou\\'re \"Fledgling\".<|im_end|>\\n' }}{{ '<|im_start|>' + role }}");

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            assertThat(tokenizer.chatTemplate().defaultSystem()).contains("You're \"Fledgling\".");
        }
    }

    @Test
    void takesTheDefaultSystemPromptOfTheFirstQwen2() {
        String jinja = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
                + "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
                + "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}";

        assertThat(TokenizerConfig.defaultSystem(jinja)).contains("You are a helpful assistant.");
    }

    @Test
    void findsNoDefaultSystemPromptInATemplateThatHasNone() {
        String jinja = "{% if messages[0]['role'] == 'system' %}{{ '<|im_start|>system\n' + messages[0]['content'] + "
                + "'<|im_end|>\n' }}{% endif %}";

        assertThat(TokenizerConfig.defaultSystem(jinja)).isEmpty();
    }

    @Test
    void takesTheNamedDefaultOfSeveralTemplates() throws IOException {
        write(TINY);
        Files.writeString(model.resolve("tokenizer_config.json"), """
                {"chat_template": [{"name": "tool_use", "template": "other"},
                                   {"name": "default", "template": "{{ '<|im_start|>system\\\\nHi<|im_end|>' }}"}],
                 "eos_token": {"content": "b"}}""");

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            assertThat(tokenizer.chatTemplate().defaultSystem()).contains("Hi");
            assertThat(tokenizer.stopTokenIds()).containsExactly(1, 6);
        }
    }

    @Test
    void refusesAChatTemplateThatIsNotChatMl() throws IOException {
        write(TINY);
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"chat_template\": \"[INST] {{ x }} [/INST]\"}");

        assertRefused("chat_template: expected ChatML");
    }

    @Test
    void refusesADirectoryWithoutATokenizer() {
        assertRefused("has no tokenizer.json");
    }

    @Test
    void refusesTheSlowFormOfATokenizer() throws IOException {
        Files.writeString(model.resolve("vocab.json"), "{}");

        assertRefused("vocab.json and merges.txt alone are not read");
    }

    @Test
    void refusesATokenizerThatIsNoByteLevelBpe() throws IOException {
        write(TINY.replace("\"type\": \"BPE\"", "\"type\": \"Unigram\""));
        assertRefused("model.type: expected BPE", "found \"Unigram\"");

        write(TINY.replace("\"decoder\": {\"type\": \"ByteLevel\"", "\"decoder\": {\"type\": \"Metaspace\""));
        assertRefused("decoder.type: expected ByteLevel", "found \"Metaspace\"");
    }

    @Test
    void refusesATokenizerWithoutTheTokensOfChatMl() throws IOException {
        write(TINY.replace("<|im_end|>", "</s>"));

        assertRefused("expected a special token <|im_end|>, found none");
    }

    @Test
    void refusesAddedTokensThatSwallowTheirNeighbours() throws IOException {
        write(TINY.replace("\"lstrip\": false", "\"lstrip\": true"));

        assertRefused("<|im_start|>", "expected lstrip false, found true");
    }

    @Test
    void refusesATokenizerThatIsNoJson() throws IOException {
        write("{\"model\":");

        assertRefused("tokenizer.json: not valid JSON");
    }

    @Test
    void refusesATokenizerThatTheLibraryCannotBuild() throws IOException {
        write(TINY.replace("\"a b\"", "\"a z\""));

        assertRefused("tokenizer.json: no tokenizer can be made of it");
    }

    private void write(String json) throws IOException {
        Files.writeString(model.resolve("tokenizer.json"), json);
    }

    private void assertRefused(String... mentions) {
        assertThatThrownBy(() -> Qwen2Tokenizer.open(model))
                .isInstanceOf(CheckpointException.class)
                .satisfies(e ->
                        assertThat(e.getMessage()).contains(model.toString()).contains(mentions));
    }
}
