package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodeStepTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "3, 4", "8, 8", "9, 16", "17, 20", "20, 20"})
    void roundsRowsUpToAFewKindsAndNeverBeyondTheSlots(int rows, int rounded) {
        assertThat(step(rows, 64).rounded(20, 512).rows()).isEqualTo(rounded);
    }

    @ParameterizedTest
    @CsvSource({"1, 256", "256, 256", "257, 500", "500, 500"})
    void roundsPositionsUpToPowersOfTwoAndNeverBeyondTheCache(int visible, int rounded) {
        assertThat(step(1, visible).rounded(1, 500).visible()).isEqualTo(rounded);
    }

    private static DecodeStep step(int rows, int visible) {
        return new DecodeStep(rows, visible, StepFlags.NONE);
    }
}
