package io.lorikeet.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompletionRequestTest {
    @Test
    void putsAnotherModelThereAndLeavesAllElseAsItIs() {
        var request = CompletionRequest.of(Buffer.buffer("""
                {"messages": [{"role": "user", "content": "你是谁?", "model": "no", "user": "no"}],
                 "model" : "assist\\u0061nt" , "temperature": 0.10, "user": "小红", "seed": 12345678901234567890}"""));

        assertThat(request.model()).contains("assistant");
        assertThat(request.user()).contains("小红");
        var other = request.with("assistant@\"1\"");
        assertThat(other.json().toString()).isEqualTo("""
                {"messages": [{"role": "user", "content": "你是谁?", "model": "no", "user": "no"}],
                 "model" : "assistant@\\"1\\"" , "temperature": 0.10, "user": "小红", "seed": 12345678901234567890}""");
        assertThat(other).isEqualTo(CompletionRequest.of(other.json()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"model\": 1}",
                "{\"model\": \"a\"",
                "{\"model\": \"a\", \"model\": \"b\"}",
                "{\"model\": \"a\", \"model\": 1}",
                "{\"model\": 1, \"model\": \"a\"}",
                "{\"user\": \"u\"}"
            })
    void putsNoOtherModelIntoWhatNamesNotOne(String json) {
        assertThat(CompletionRequest.of(Buffer.buffer(json)).isOfOneModel()).isFalse();
    }

    /** All of them have to be allowed, whatever the inference service makes of such a request. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`{\"model\": \"a\", \"model\": \"b\"}`, a b",
                "`{\"model\": \"a\", \"messages\": [`, a",
                "`{\"messages\": {\"model\": \"b\"}, \"model\": \"a\"} x`, a",
                "`[\"model\", \"a\"]`, ``"
            })
    void namesEveryModelThatItAsks(String json, String models) {
        assertThat(String.join(" ", CompletionRequest.of(Buffer.buffer(json)).models()))
                .isEqualTo(models);
    }

    @Test
    void leavesUtf16ToTheInferenceService() {
        var json = Buffer.buffer("{\"model\": \"a\"}".getBytes(StandardCharsets.UTF_16BE));

        assertThat(CompletionRequest.of(json).isOfOneModel()).isFalse();
    }
}
