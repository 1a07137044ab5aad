package io.lorikeet.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.jinja.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

    private static final String CHATML = "{% if messages[0].role != 'system' %}"
            + "{{ '<|im_start|>system\n' ~ DEFAULT ~ '<|im_end|>\n' }}{% endif %}{% for message in messages %}"
            + "{{ '<|im_start|>' ~ message.role ~ '\n' ~ message.content ~ '<|im_end|>\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private static final ObjectNode TOOL = JsonNodeFactory.instance.objectNode().put("type", "function");

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
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"chat_template\": \"{{ nothing }}\"}");
        writeTemplate(CHATML.replace("DEFAULT", "'You\\'re \"Fledgling\".'"));

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            assertThat(tokenizer.chatTemplate().defaultSystem()).contains("You're \"Fledgling\".");
        }
    }

    /** As LLaMA-Factory exports models. */
    @Test
    void findsADefaultSystemPromptInAVariable() throws IOException {
        write(TINY);
        writeTemplate("{% set persona = 'You are Parrot, a shop clerk.' %}" + CHATML.replace("DEFAULT", "persona"));

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            assertThat(tokenizer.chatTemplate().defaultSystem()).contains("You are Parrot, a shop clerk.");
            assertThat(tokenizer.chatTemplate().prompt(Conversation.of(List.of(ChatMessage.user("a")))))
                    .isEqualTo("""
                            <|im_start|>system
                            You are Parrot, a shop clerk.<|im_end|>
                            <|im_start|>user
                            a<|im_end|>
                            <|im_start|>assistant
                            """);
        }
    }

    @Test
    void findsADefaultSystemPromptThatStandsInTheFirstTurn() throws IOException {
        write(TINY);
        writeTemplate("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
                + "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
                + "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}");

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            assertThat(tokenizer.chatTemplate().defaultSystem()).contains("You are a helpful assistant.");
            assertThat(tokenizer
                            .chatTemplate()
                            .prompt(Conversation.of(List.of(ChatMessage.user("a")))
                                    .withSystem("")))
                    .isEqualTo("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n");
        }
    }

    @Test
    void findsNoDefaultSystemPromptInATemplateThatHasNone() throws IOException {
        write(TINY);
        writeTemplate(CHATML.replace("{% if messages[0].role != 'system' %}", "{% if false %}"));

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            assertThat(tokenizer.chatTemplate().defaultSystem()).isEmpty();
        }
    }

    @Test
    void takesTheNamedTemplateForTools() throws IOException {
        write(TINY);
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putObject("eos_token").put("content", "b");
        ArrayNode templates = config.putArray("chat_template");
        templates.addObject().put("name", "tool_use").put("template", "{{ tools|tojson }}");
        templates.addObject().put("name", "default").put("template", CHATML.replace("DEFAULT", "'Hi'"));
        Files.writeString(model.resolve("tokenizer_config.json"), config.toString());

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            Conversation conversation = Conversation.of(List.of(ChatMessage.user("a")));
            assertThat(tokenizer.chatTemplate().defaultSystem()).contains("Hi");
            assertThat(tokenizer.stopTokenIds()).containsExactly(1, 6);
            assertThat(tokenizer.chatTemplate().prompt(conversation.withTools(List.of(TOOL))))
                    .isEqualTo("[{\"type\": \"function\"}]");
        }
    }

    @Test
    void passesNoToolsOverInSilence() throws IOException {
        write(TINY);
        writeTemplate(CHATML.replace("DEFAULT", "'Hi'"));
        ToolCall call = ToolCall.of(Optional.empty(), "a", "{}");
        ChatMessage user = ChatMessage.user("a");

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            assertThatThrownBy(() -> tokenizer
                            .chatTemplate()
                            .prompt(Conversation.of(List.of(user)).withTools(List.of(TOOL))))
                    .isInstanceOf(TemplateException.class)
                    .hasMessage("the model's chat template refuses this conversation: it has no place for tools");
            assertThatThrownBy(() -> tokenizer
                            .chatTemplate()
                            .encodePrompt(List.of(user, ChatMessage.assistant("a", List.of(call)), user)))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("it has no place for tool calls, which message 2 has");
        }
    }

    @Test
    void refusesAChatTemplateThatItCannotRender() throws IOException {
        write(TINY);
        writeTemplate("{% for message in messages %}\n{{ message.content|urlize }}{% endfor %}");

        assertRefused("chat_template.jinja: chat_template: line 2: the filter 'urlize' is not supported");
    }

    @Test
    void refusesAChatTemplateThatHidesWhoseTurnItIs() throws IOException {
        write(TINY);
        writeTemplate("{{ messages[0].content }}{{ messages[-1].content }}");
        assertRefused("expected a template that writes each message as a turn of its own");

        writeTemplate("{% for message in messages %}<|im_start|>{{ message.content|upper }}{% endfor %}");
        assertRefused("expected a template that writes what is said");

        writeTemplate("{% for message in messages %}{{ raise_exception('no ' ~ message.role) }}{% endfor %}");
        assertRefused("chat_template: line 1: no user");
    }

    @Test
    void refusesATokenWhoseIdTheModelDoesNotHave() throws IOException {
        write(TINY);

        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model, 7)) {
            assertThat(tokenizer.size()).isEqualTo(7);
        }
        assertThatThrownBy(() -> Qwen2Tokenizer.open(model, 6))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("tokenizer.json has 7 tokens, config.json a vocab_size of 6");
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

        assertRefused("expected a chat_template, or ChatML's special token <|im_end|>", "found neither");
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

    private void writeTemplate(String jinja) throws IOException {
        Files.writeString(model.resolve("chat_template.jinja"), jinja);
    }

    private void assertRefused(String... mentions) {
        assertThatThrownBy(() -> Qwen2Tokenizer.open(model))
                .isInstanceOf(CheckpointException.class)
                .satisfies(e ->
                        assertThat(e.getMessage()).contains(model.toString()).contains(mentions));
    }
}
