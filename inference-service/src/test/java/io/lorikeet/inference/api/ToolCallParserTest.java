package io.lorikeet.inference.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.inference.api.ToolCallParser.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolCallParserTest {
    /** What is said, and the calls in brackets, whatever pieces the text comes in. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            Hello                                                                           | Hello
            a < b <tool                                                                     | a < b <tool
            <tool_call>#{"name": "f", "arguments": {"x": 1}}#</tool_call>                   | [f {"x": 1}]
            Let me see.#<tool_call>#{"name": "f", "arguments": {}}#</tool_call>             | Let me see.[f {}]
            <tool_call>{"name":"f","arguments":{"a":{"b":[1,"}"]}}}</tool_call>             | [f {"a":{"b":[1,"}"]}}]
            <tool_call>{"name":"f","arguments":{"a":"</tool_call>\\""}}</tool_call>         | [f {"a":"</tool_call>\\""}]
            <tool_call>{"name":"f","arguments":{}}</tool_call>#<tool_call>{"name":"g","arguments":{"y":2}}</tool_call> | [f {}][g {"y":2}]
            <tool_call>{"name":"f","arguments":{}}</tool_call>#and so on                    | [f {}]#and so on
            <tool_call>{"arguments":{"x":1},"name":"f"}</tool_call>                         | [f {"x":1}]
            <tool_call>{"name":"f","arguments":"{\\"x\\":1}"}</tool_call>                   | [f {"x":1}]
            <tool_call>{"name":"other","arguments":{}}</tool_call>                          | <tool_call>{"name":"other","arguments":{}}</tool_call>
            <tool_call>{"name":"f","arguments":[]}</tool_call>                              | <tool_call>{"name":"f","arguments":[]}</tool_call>
            <tool_call>{"name":"f" "arguments":{}}</tool_call> ok                           | <tool_call>{"name":"f" "arguments":{}}</tool_call> ok
            <tool_call>f(1)</tool_call> ok                                                  | <tool_call>f(1)</tool_call> ok
            <tool_call>{"name":"f","arguments":{"x":                                        | <tool_call>{"name":"f","arguments":{"x":
            """)
    void tellsCallsFromWhatIsSaid(String text, String expected) {
        String answer = text.replace('#', '\n');
        for (int size = 1; size <= answer.length(); size += size < 8 ? 1 : answer.length()) {
            var parser = new ToolCallParser(Set.of("f", "g"), false);
            List<Part> parts = new ArrayList<>();
            for (int i = 0; i < answer.length(); i += size) {
                parts.addAll(parser.push(answer.substring(i, Math.min(answer.length(), i + size))));
            }
            parts.addAll(parser.finish());
            assertThat(words(parts)).as("in pieces of " + size).isEqualTo(expected.replace('#', '\n'));
        }
    }

    /** A call that decoding sees to goes out as it comes, also one that is cut short. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            <tool_call>#{"name": "f", "arguments": {"x": "}"}}#</tool_call>  | [f {"x": "}"}]
            <tool_call>#{"name": "f", "arguments": {"x": [                   | [f {"x": [
            """)
    void doesNotHoldBackWhatIsCertain(String text, String expected) {
        var parser = new ToolCallParser(Set.of("f"), true);
        List<Part> parts = new ArrayList<>();
        for (char c : text.replace('#', '\n').toCharArray()) {
            parts.addAll(parser.push(String.valueOf(c)));
        }
        assertThat(parts.stream().filter(Part.Arguments.class::isInstance)).hasSizeGreaterThan(5);
        parts.addAll(parser.finish());
        assertThat(words(parts)).isEqualTo(expected);
    }

    /** What is said, and calls in brackets; one that is cut short has none behind it. */
    private static String words(List<Part> parts) {
        var all = new StringBuilder();
        var arguments = new StringBuilder();
        for (Part part : parts) {
            if (!(part instanceof Part.Arguments) && !arguments.isEmpty()) {
                all.append(arguments).append(']');
                arguments.setLength(0);
            }
            switch (part) {
                case Part.Content(var text) -> all.append(text);
                case Part.Call call -> {
                    assertThat(call.id()).matches("call_[0-9a-f]{24}");
                    all.append('[').append(call.name()).append(' ');
                }
                case Part.Arguments more -> arguments.append(more.json());
            }
        }
        return all.append(arguments)
                .append(arguments.toString().endsWith("}") ? "]" : "")
                .toString();
    }
}
