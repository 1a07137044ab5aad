package io.lorikeet.contracts;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short ways of reading a message, beside the long ones. */
class QuickInstantTest {
    private static final JsonMapper JACKSON =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2026-01-02T03:04:05Z\"",
                "\"2026-01-02T03:04:05.6Z\"",
                "\"2026-01-02T03:04:05.123456789Z\"",
                "\"2024-02-29T23:59:59.999Z\"",
                "\"2026-02-29T03:04:05Z\"",
                "\"2026-01-02T24:00:00Z\"",
                "\"2026-12-31T23:59:60Z\"",
                "\"2026-13-02T03:04:05Z\"",
                "\"2026-01-02T03:04:05.Z\"",
                "\"2026-01-02T03:04:05.1234567890Z\"",
                "\"2026-01-02T03:04:05,5Z\"",
                "\"2026-01-02T03:04:05.5z\"",
                "\"2026-01-02T03:04:05\"",
                "\"2026-01-02 03:04:05Z\"",
                "\"2026-01-02T03:04:05+02:00\"",
                "\"2026-01-02T03:04:0५Z\"",
                "\"-2026-01-02T03:04:05Z\"",
                "\"+12026-01-02T03:04:05Z\"",
                "\"Z\"",
                "\"\"",
                "1767322245.5",
                "1767322245",
                "true"
            })
    void saysOfATimeWhatJacksonSays(String json) {
        assertThat(read(Json.mapper(), json)).isEqualTo(read(JACKSON, json));
    }

    @Test
    void saysItOfEveryTime() {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            var time = Instant.ofEpochSecond(random.nextLong(0, 200_000_000_000L), random.nextLong(1_000_000_000L));

            assertThat(read(Json.mapper(), "\"" + time + "\"")).contains(time);
        }
    }

    @Test
    void takesNoOtherEncodingForPlainText() {
        var cancel = "{\"type\":\"cancel\",\"job_id\":\"j\"}";

        assertThat(Json.read(cancel.getBytes(UTF_8), TrainingCommand.class).jobId())
                .isEqualTo("j");
        assertThatThrownBy(() -> Json.read(cancel.getBytes(UTF_16LE), TrainingCommand.class))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("not JSON");
    }

    private static Optional<Instant> read(JsonMapper mapper, String json) {
        try {
            return Optional.ofNullable(mapper.readValue(json, Instant.class));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
