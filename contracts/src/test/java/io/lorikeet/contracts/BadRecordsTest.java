package io.lorikeet.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lorikeet.badrecords.BadRecord;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever bytes come, reading them ends in a message or in a {@link ContractException} that a person can read. */
class BadRecordsTest {
    private static final List<Function<byte[], Object>> READERS = List.of(
            TrainingCommand::parse,
            value -> Json.read(value, TrainingEvent.class),
            value -> Json.read(value, CheckpointEvent.class),
            value -> Json.read(value, ReplicaReport.class));

    @ParameterizedTest
    @MethodSource("io.lorikeet.badrecords.BadRecord#all")
    void noReaderTakesItAndEachSaysWhyInAFewWords(BadRecord one) {
        for (var reader : READERS) {
            var thrown = catchThrowable(() -> reader.apply(one.value()));

            assertThat(thrown).as(one.is()).isInstanceOf(ContractException.class);
            assertThat(thrown.getMessage())
                    .hasSizeLessThan(600)
                    .doesNotContain("fasterxml", "java.", "io.lorikeet", "Source:", "StreamRead", "\n");
        }
    }

    @Test
    void neverTellsAThousandProblemsNorAnEndlessName() {
        var command = new StringBuilder("{\"type\": \"cancel\", \"job_id\": \"a\"");
        for (int i = 0; i < 1000; i++) {
            command.append(", \"").append("x".repeat(1000)).append(i).append("\": 1");
        }

        var thrown = catchThrowable(
                () -> TrainingCommand.parse(command.append("}").toString().getBytes(UTF_8)));

        assertThat(thrown)
                .hasMessageStartingWith("training command: 1000 problems: xxx")
                .hasMessageEndingWith("| and 980 more");
        assertThat(thrown.getMessage()).hasSizeLessThan(3_000);
    }

    @Test
    void aCommandTakesNoTimeThatGrowsWithTheNameThatItMistypes() {
        var name = "lora_rank".repeat(5_000);

        assertThat(catchThrowable(() -> TrainingCommand.parse(
                        ("{\"type\": \"cancel\", \"job_id\": \"a\", \"" + name + "\": 1}").getBytes(UTF_8))))
                .hasMessageContaining("unknown field")
                .hasMessageNotContaining("did you mean");
    }

    @Test
    void namesTheFieldThatIsWrongInsideAnEvent() {
        assertThat(problem("{\"type\": \"queued\", \"job_id\": \"a\", \"adapter\": \"b\"}"))
                .isEqualTo("training event: time: is missing");
        assertThat(problem("{\"type\": \"queued\", \"job_id\": \"a\", \"adapter\": \"b\", \"time\": \"noon\"}"))
                .isEqualTo("training event: time: is \"noon\"; expected a time as 2026-01-02T03:04:05Z");
        assertThat(problem("""
                {"type": "cancelled", "job_id": "a", "adapter": "b", "time": "2026-01-02T03:04:05Z", "step": -1}""")).isEqualTo("training event: step: is -1; expected at least 0");
        assertThat(problem("""
                {"type": "cancelled", "job_id": "a", "adapter": "b", "time": "2026-01-02T03:04:05Z", "step": "1"}""")).startsWith("training event: step: ").endsWith("expected a whole number");
        assertThat(problem("""
                {"type": "accepted", "job_id": "a", "adapter": "b", "time": "2026-01-02T03:04:05Z",
                 "answers": [{"question": "q", "answer": "a", "passed": true}, {"question": "q", "passed": true}]}""")).isEqualTo("training event: answers[1].answer: is missing");
    }

    private static String problem(String event) {
        return catchThrowable(() -> Json.read(event.getBytes(UTF_8), TrainingEvent.class))
                .getMessage();
    }
}
