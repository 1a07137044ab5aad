package io.lorikeet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "Root=1-67891233-abcdef012345678912345678", "orders/7:retry+1@host_2"})
    void isWhatTheCallerNamedIt(String given) {
        assertThat(RequestId.of(given)).isEqualTo(given);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "two words", "a\nforged line", "\"quoted\""})
    void isOneOfOurOwnIfThatIsNoneForALog(String given) {
        assertThat(RequestId.of(given))
                .isNotEqualTo(given)
                .matches("[0-9a-f-]{36}")
                .isNotEqualTo(RequestId.of(given));
    }
}
