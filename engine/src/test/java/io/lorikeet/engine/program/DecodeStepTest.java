package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.model.RankRows;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodeStepTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "3, 4", "8, 8", "9, 16", "17, 20", "20, 20"})
    void roundsRowsUpToAFewKindsAndNeverBeyondTheSlots(int rows, int rounded) {
        assertThat(step(rows, 64).rounded(20, 512, 4).rows()).isEqualTo(rounded);
    }

    @ParameterizedTest
    @CsvSource({"1, 256", "256, 256", "257, 500", "500, 500"})
    void roundsPositionsUpToPowersOfTwoAndNeverBeyondTheCache(int visible, int rounded) {
        assertThat(step(1, visible).rounded(1, 500, 4).visible()).isEqualTo(rounded);
    }

    @Test
    void roundsAdaptersUpToAllOrNone() {
        assertThat(step(2, 64).rounded(20, 512, 4).adapters()).isEqualTo(StepAdapters.NONE);
        var two = new DecodeStep(
                2,
                64,
                new StepAdapters(new RankRows(3, 1).with(new RankRows(2, 1)), true),
                Optional.of(StepFlags.NONE));
        assertThat(two.adapters()).isEqualTo(new StepAdapters(new RankRows(2, 2), true));
        assertThat(two.rounded(20, 512, 4).adapters()).isEqualTo(new StepAdapters(new RankRows(0, 4), true));
    }

    @Test
    void theCommonKindsAreAllRowsOfEachLengthTheCommonestFirstAndNoMoreThanMayBeKept() {
        List<DecodeStep> all = DecodeStep.common(12, 400, 4, 300, 64);
        assertThat(all)
                .hasSize(2 * 4 * 5)
                .doesNotHaveDuplicates()
                .allMatch(step -> step.equals(step.rounded(12, 400, 4)));
        assertThat(all.stream().limit(5).map(DecodeStep::rows)).containsExactly(1, 2, 4, 8, 12);
        assertThat(all.stream().map(DecodeStep::visible).distinct()).containsExactly(256, 400);
        assertThat(all.getFirst().adapters()).isEqualTo(new StepAdapters(new RankRows(0, 4), false));
        assertThat(DecodeStep.common(12, 400, 4, 300, 7)).isEqualTo(all.subList(0, 7));
        assertThat(DecodeStep.common(12, 400, 4, 256, 64)).hasSize(4 * 5);
    }

    private static DecodeStep step(int rows, int visible) {
        return new DecodeStep(rows, visible, StepAdapters.NONE, Optional.of(StepFlags.NONE));
    }
}
