package io.lorikeet.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    @TempDir
    Path folder;

    private final Results results = new Results("example")
            .setting("device", "cpu")
            .row("one stream", Figure.of("decode", 21.345, "tokens/s"), Figure.memory("peak", 3L << 30))
            .row("eight streams", Figure.of("decode", 1234.5, "tokens/s"))
            .goal(Goal.atLeast(Figure.of("decode", 21.345, "tokens/s"), 20))
            .goal(Goal.atMost(Figure.ratio("latency, with and without", 1.6), 1.5))
            .goal(Goal.atMost(Figure.of("never measured", Double.NaN, "ms"), 250));

    @Test
    void printsATableWithUnitsAndTheGoals() {
        var bytes = new ByteArrayOutputStream();
        results.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("device: cpu", "21.3 tokens/s", "3,072 MiB")
                .containsPattern("latency, with and without\\s+≤ 1.50 ×\\s+1.60 ×\\s+MISSED");
    }

    @Test
    void missesAGoalWhoseFigureIsNoNumber() {
        assertThat(results.missed())
                .extracting(goal -> goal.figure().name())
                .containsExactly("latency, with and without", "never measured");
    }

    @Test
    void writesTheSameAsJson() throws IOException {
        JsonNode json = Json.mapper().readTree(results.write(folder).toFile());

        assertThat(json.at("/benchmark").asText()).isEqualTo("example");
        assertThat(json.at("/machine/cores").asInt()).isPositive();
        assertThat(json.at("/settings/device").asText()).isEqualTo("cpu");
        assertThat(json.at("/rows/1/figures/0/value").asDouble()).isEqualTo(1234.5);
        assertThat(json.at("/goals/0/bound").asDouble()).isEqualTo(20);
    }
}
