package io.lorikeet.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFieldTest {
    @Test
    void putsAnotherModelThereAndLeavesAllElseAsItIs() {
        var json = Buffer.buffer("""
                {"messages": [{"role": "user", "content": "你是谁?", "model": "no", "user": "no"}],
                 "model" : "assist\\u0061nt" , "temperature": 0.10, "user": "小红", "seed": 12345678901234567890}""");

        var field = ModelField.of(json).orElseThrow();

        assertThat(field.model()).isEqualTo("assistant");
        assertThat(field.user()).contains("小红");
        assertThat(field.with(json, "assistant@\"1\"").toString()).isEqualTo("""
                {"messages": [{"role": "user", "content": "你是谁?", "model": "no", "user": "no"}],
                 "model" : "assistant@\\"1\\"" , "temperature": 0.10, "user": "小红", "seed": 12345678901234567890}""");
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
                "{\"user\": \"u\"}"
            })
    void saysNothingOfWhatNamesNotOneModel(String json) {
        assertThat(ModelField.of(Buffer.buffer(json))).isEmpty();
    }
}
