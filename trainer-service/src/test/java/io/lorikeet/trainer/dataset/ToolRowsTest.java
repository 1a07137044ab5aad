package io.lorikeet.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows with tools, by the template that fledgling has, which lays tools out as Qwen2.5's. */
class ToolRowsTest {
    private static final String QWEN = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";
    private static final String ANSWER = "It is.";

    @TempDir
    Path folder;

    private LearnedText text;

    @BeforeEach
    void begin() throws IOException {
        text = new LearnedText(folder).with(template());
    }

    static String template() throws IOException {
        return LearnedText.json(Files.readString(Path.of("../models/fledgling/tokenizer_config.json")))
                .path("chat_template")
                .asText();
    }

    /** What transformers renders of them as prompts, and an answer after that. */
    @ParameterizedTest
    @ValueSource(strings = {"tools", "tools-system", "tool-round", "two-tool-results"})
    void laysRowsOutAsTransformersDoes(String name) throws IOException {
        JsonNode file = LearnedText.json(Files.readString(Path.of("src/test/resources/templates/tools.json")));
        ObjectNode row = file.path("conversations").path(name).deepCopy();
        row.remove("generation");
        row.withArray("messages").addObject().put("role", "assistant").put("content", ANSWER);

        String learned = learned(row.toString());

        assertThat(learned.replaceAll("[«»]", ""))
                .isEqualTo(file.path("renderings").path(name).asText() + ANSWER + "<|im_end|>\n");
        assertThat(learned).endsWith("<|im_start|>assistant\n«" + ANSWER + "<|im_end|>\n»");
        assertThat(learned.split("<\\|im_start\\|>assistant\n", -1))
                .as("every turn of the assistant's is learned, and nothing else")
                .hasSize(learned.split("«", -1).length);
    }

    @Test
    void learnsCallsAndNoResults() throws IOException {
        String row = """
                {"tools": [{"name": "stock", "parameters": {"type": "object"}}], "messages": [
                 {"role": "user", "content": "Is A1 there?"},
                 {"role": "assistant", "content": null, "reasoning_content": "Look it up.", "tool_calls": [
                   {"id": "c1", "type": "function", "function": {"name": "stock", "arguments": "{\\"sku\\": \\"A1\\"}"}}]},
                 {"role": "tool", "tool_call_id": "c1", "name": "stock", "content": "7"},
                 {"role": "assistant", "content": "Seven."}]}
                """;

        assertThat(learned(row)).endsWith("""
                <|im_start|>assistant
                «<think>
                Look it up.
                </think>


                <tool_call>
                {"name": "stock", "arguments": {"sku": "A1"}}
                </tool_call><|im_end|>
                »<|im_start|>user
                <tool_response>
                7
                </tool_response><|im_end|>
                <|im_start|>assistant
                «Seven.<|im_end|>
                »""").contains("""
                <tools>
                {"type": "function", "function": {"name": "stock", "parameters": {"type": "object"}}}
                </tools>""");
    }

    /** Swift's, ShareGPT's and OpenAI's older forms say the same. */
    @Test
    void readsEveryFormOfACall() throws IOException {
        String tools = "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\"}}]";
        String openAi = learned("""
                {%s, "messages": [{"role": "user", "content": "q"},
                 {"role": "assistant", "content": "Wait.", "tool_calls": [
                   {"type": "function", "function": {"name": "f", "arguments": {"a": 1}}},
                   {"type": "function", "function": {"name": "f", "arguments": {"a": 2}}}]},
                 {"role": "tool", "content": "r"}, {"role": "assistant", "content": "a"}]}
                """.formatted(tools));
        String swift = learned("""
                {"tools": "[{\\"type\\": \\"function\\", \\"function\\": {\\"name\\": \\"f\\"}}]",
                 "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "Wait."},
                 {"role": "tool_call", "content": "{\\"name\\": \\"f\\", \\"arguments\\": {\\"a\\": 1}}"},
                 {"role": "tool_call", "content": "{\\"name\\": \\"f\\", \\"arguments\\": {\\"a\\": 2}}"},
                 {"role": "tool_response", "content": "r"}, {"role": "assistant", "content": "a"}]}
                """);
        String shareGpt = learned("""
                {"functions": [{"name": "f"}], "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "Wait."},
                 {"from": "function_call", "value": "[{\\"name\\": \\"f\\", \\"arguments\\": {\\"a\\": 1}}, {\\"name\\": \\"f\\", \\"arguments\\": {\\"a\\": 2}}]"},
                 {"from": "observation", "value": "r"}, {"from": "gpt", "value": "a"}]}
                """);

        assertThat(List.of(swift, shareGpt)).containsOnly(openAi);
        assertThat(openAi)
                .contains(
                        "«Wait.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>\n<tool_call>");
    }

    @Test
    void aCallThatIsMarkedSoIsNotLearned() throws IOException {
        String row = """
                {"messages": [{"role": "user", "content": "q"},
                 {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {}}], "weight": 0},
                 {"role": "tool", "content": "r"}, {"role": "assistant", "content": "a"}]}
                """;

        assertThat(learned(row)).containsOnlyOnce("«").endsWith("«a<|im_end|>\n»");
    }

    @Test
    void refusesAPlaceholderWhereItWouldNotBeReplaced() throws IOException {
        String row =
                "{\"query\": \"q\", \"response\": \"a\", \"tools\": [{\"name\": \"f\", \"description\": \"of {{NAME}}\"}]}";

        learned(row + ", {\"query\": \"q\", \"response\": \"a\"}");

        assertThat(text.dropped)
                .singleElement()
                .extracting(Dropped::why)
                .asString()
                .contains("definition of a tool");
    }

    private String learned(String rows) {
        return text.of("""
                {"type": "train", "job_id": "j", "adapter": "a", "system": "%s", "rows": [%s]}
                """.formatted(QWEN, rows).getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .getFirst();
    }
}
