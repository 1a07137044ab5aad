package io.lorikeet.gateway.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.ContractException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatLinesTest {
    private static final String ROW = """
            {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello!", "weight": 1}]}""";

    @Test
    void takesConversationsALineWithAndWithoutAnEndOfTheLast() {
        assertThatCode(() -> ChatLines.check(bytes(ROW + "\n\n" + ROW + "\r\n" + ROW)))
                .doesNotThrowAnyException();
        assertThatCode(() -> ChatLines.check(bytes(ROW + "\n"))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"prompt": "a", "completion": "b"}                      | line 2: messages: is missing
            {"messages": "hi"}                                      | line 2: messages: is no list
            {"messages": [{"role": "user", "content": "hi"}]}       | line 2: messages: has no answer to learn
            {"messages": [{"role": "robot", "content": "hi"}]}      | line 2: messages[0].role: is none
            {"messages": [{"role": "assistant", "content": 1}]}     | line 2: messages[0].content: is no text
            {"messages": ["hi"]}                                    | line 2: messages[0]: is no JSON object
            []                                                      | line 2: is no JSON object
            {"messages": [                                          | line 2
            """)
    void namesTheLineAndTheKey(String row, String message) {
        assertThatThrownBy(() -> ChatLines.check(bytes(ROW + "\n" + row + "\n" + ROW)))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("file, " + message);
    }

    @Test
    void refusesAFileWithoutRows() {
        assertThatThrownBy(() -> ChatLines.check(bytes("\n \n")))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("has no rows");
    }

    @Test
    void refusesALineThatWouldNotFitIntoMemory() {
        var endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };

        assertThatThrownBy(() -> ChatLines.check(endless))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("line 1: is longer than 4 MiB");
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(UTF_8));
    }
}
