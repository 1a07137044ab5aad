package io.lorikeet.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.trainer.dataset.Dropped.Reason;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossScaleTest {
    private static final String TWO_ROUNDS = """
            {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"%s},
             {"role": "user", "content": "r"}, {"role": "assistant", "content": "<think>\\n\\n</think>\\n\\n b"%s}]}
            """;

    @TempDir
    Path folder;

    private LearnedText text;

    @BeforeEach
    void begin() throws IOException {
        text = new LearnedText(folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "default|«a<end>»|«<think></think> b<end>»",
                "last_round|a<end>|«<think></think> b<end>»",
                "ignore_empty_think|«a<end>»|<think></think>« b<end>»",
                "default+ignore_empty_think|«a<end>»|<think></think>« b<end>»",
                "last_round+ignore_empty_think|a<end>|<think></think>« b<end>»"
            })
    void learnsWhatTheSettingSays(String setting, String first, String second) {
        String learned = text.ofRow(TWO_ROUNDS.formatted("", ""), ", \"loss_scale\": \"%s\"".formatted(setting))
                .replace("\n", "")
                .replace("<|im_end|>", "<end>")
                .replace("<|im_start|>", "");

        assertThat(learned).isEqualTo("userq<end>assistant" + first + "userr<end>assistant" + spaced(second));
    }

    /** The blank before the answer is a part of the empty thought, as far as a token ends with it. */
    private static String spaced(String second) {
        return second.replace("</think>« b", "</think> «b");
    }

    @Test
    void theRowsOwnMarksGoBeforeTheSetting() {
        String learned = text.ofRow(
                TWO_ROUNDS.formatted(", \"loss\": true", ", \"loss\": false"), ", \"loss_scale\": \"last_round\"");

        assertThat(learned).contains("«a<|im_end|>\n»").doesNotContain("b<|im_end|>\n»");
    }

    @Test
    void anAnswerCountsAsMuchAsItsRowSays() {
        text.ofRow(TWO_ROUNDS.formatted(", \"weight\": 0.25", ""), "");

        TrainingExample row = text.examples.getFirst();
        for (int i = 0; i < row.length(); i++) {
            boolean first = row.labels()[i] >= 0 && i < row.length() / 2;
            assertThat(row.weights()[i]).isEqualTo(first ? 0.25f : 1f);
        }
        text.ofRow(TWO_ROUNDS.formatted(", \"weight\": 1", ""), "");
        assertThat(text.examples.getFirst().weights())
                .as("no weight other than 1")
                .isEmpty();
    }

    @Test
    void leavesOutARowOfWhichNothingIsLearned() {
        String other = "{\"query\": \"q\", \"response\": \"a\"}";

        text.ofRow(TWO_ROUNDS.formatted("", ", \"weight\": 0") + "," + other, ", \"loss_scale\": \"last_round\"");

        assertThat(text.dropped).singleElement().satisfies(row -> {
            assertThat(row.source()).hasToString("rows:1");
            assertThat(row.reason()).isEqualTo(Reason.NOTHING_TO_LEARN);
        });
    }

    @Test
    void refusesAnotherSetting() {
        assertThatThrownBy(() -> text.ofRow(TWO_ROUNDS.formatted("", ""), ", \"loss_scale\": \"hermes\""))
                .hasMessageContaining("loss_scale");
    }
}
