package io.lorikeet.gateway.responses;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponsesRequestTest {
    @Test
    void aTextIsWhatTheUserSaysAndInstructionsWhatTheSystemDoes() {
        var chat = chat("""
                {"model": "m", "instructions": "Be brief.", "input": "hi", "max_output_tokens": 20, "temperature": 0,
                 "top_p": 0.9, "stream": true, "store": false, "user": "u", "reasoning": {"effort": null}}""");

        assertThat(chat).isEqualTo(json("""
                {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
                 "model": "m", "max_completion_tokens": 20, "temperature": 0.0, "top_p": 0.9,
                 "user": "u", "stream": true, "stream_options": {"include_usage": true}}"""));
    }

    @Test
    void itemsAreTheMessagesOfAConversation() {
        var chat = chat("""
                {"model": "m", "input": [
                  {"role": "developer", "content": "Be brief."},
                  {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is "},
                                                                  {"type": "input_text", "text": "the weather?"}]},
                  {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
                   "content": [{"type": "output_text", "text": "I look.", "annotations": []}]},
                  {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": "{}"},
                  {"type": "function_call", "call_id": "call_2", "name": "time", "arguments": "{}"},
                  {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
                  {"type": "function_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "noon"}]}]}""");

        assertThat(chat.path("messages")).isEqualTo(json("""
                [{"role": "developer", "content": "Be brief."},
                 {"role": "user", "content": "What is the weather?"},
                 {"role": "assistant", "content": "I look.", "tool_calls": [
                   {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
                   {"id": "call_2", "type": "function", "function": {"name": "time", "arguments": "{}"}}]},
                 {"role": "tool", "content": "sunny", "tool_call_id": "call_1"},
                 {"role": "tool", "content": "noon", "tool_call_id": "call_2"}]"""));
    }

    @Test
    void toolsAndFormatsAreThoseOfAChat() {
        var chat = chat("""
                {"model": "m", "input": "hi", "parallel_tool_calls": false,
                 "tools": [{"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": true}],
                 "tool_choice": {"type": "function", "name": "weather"},
                 "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": true}}}""");

        assertThat(chat.path("tools")).isEqualTo(json("""
                [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}, "strict": true}}]"""));
        assertThat(chat.path("tool_choice"))
                .isEqualTo(json("{\"type\": \"function\", \"function\": {\"name\": \"weather\"}}"));
        assertThat(chat.path("parallel_tool_calls").booleanValue()).isFalse();
        assertThat(chat.path("response_format")).isEqualTo(json("""
                {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": true}}"""));
    }

    @Test
    void logprobsAreIncludedWhereTheyAreAskedFor() {
        var chat = chat("""
                {"model": "m", "input": "hi", "include": ["message.output_text.logprobs"], "top_logprobs": 2}""");

        assertThat(chat.path("logprobs").booleanValue()).isTrue();
        assertThat(chat.path("top_logprobs").intValue()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"previous_response_id": "resp_1"}                                 | previous_response_id: is not supported
            {"conversation": "conv_1"}                                         | conversation: is not supported
            {"background": true}                                               | background: is not supported
            {"prompt": {"id": "p"}}                                            | prompt: is not supported
            {"truncation": "auto"}                                             | truncation: is not supported
            {"reasoning": {"effort": "high"}}                                  | reasoning: is not supported
            {"tools": [{"type": "web_search"}]}                                | tools[0].type: is not supported
            {"tool_choice": {"type": "mcp"}, "tools": [{"type": "function"}]}  | tool_choice: is not supported
            {"include": ["file_search_call.results"]}                          | include: file_search_call.results
            {"text": {"format": {"type": "grammar"}}}                          | text.format.type: is none
            {"max_output_tokens": 0}                                           | max_output_tokens: is 0
            {"messages": []}                                                   | messages: unknown field
            {"input": []}                                                      | input: is neither
            {"input": [{"type": "item_reference", "id": "msg_1"}]}             | input[0]: is a reference
            {"input": [{"type": "web_search_call"}]}                           | input[0].type: web_search_call is not
            {"input": [{"role": "robot", "content": "x"}]}                     | input[0].role: is none
            {"input": [{"role": "user", "content": [{"type": "input_image"}]}]} | input[0].content[0]: is no text
            {"input": [{"type": "function_call", "name": "f"}]}                | input[0].call_id: is missing
            """)
    void whatWouldChangeTheAnswerIsRefusedByName(String change, String message) {
        var request = (com.fasterxml.jackson.databind.node.ObjectNode) json("{\"model\": \"m\", \"input\": \"hi\"}");
        json(change).properties().forEach(field -> request.set(field.getKey(), field.getValue()));

        assertThatThrownBy(() -> ResponsesRequest.read(Json.write(request)))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"previous_response_id\": null",
                "\"store\": true",
                "\"truncation\": \"disabled\"",
                "\"background\": false",
                "\"include\": [\"reasoning.encrypted_content\"]",
                "\"text\": {\"format\": {\"type\": \"text\"}}",
                "\"tools\": [], \"tool_choice\": \"auto\""
            })
    void whatChangesNothingPasses(String neutral) {
        assertThat(chat("{\"model\": \"m\", \"input\": \"hi\", " + neutral + "}"))
                .isEqualTo(chat("{\"model\": \"m\", \"input\": \"hi\"}"));
    }

    private static JsonNode chat(String request) {
        // as it goes out
        return json(new String(
                Json.write(ResponsesRequest.read(request.getBytes(UTF_8)).chat()), UTF_8));
    }

    private static JsonNode json(String text) {
        return Json.parse(text.getBytes(UTF_8), "json");
    }
}
