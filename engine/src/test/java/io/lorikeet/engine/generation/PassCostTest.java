package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PassCostTest {
    private final PassCost cost = new PassCost(16);

    @Test
    void aRowIsCheapUntilPassesHaveShownOtherwise() {
        double assumed = cost.perRow();
        cost.ran(1, 1_000_000);
        assertThat(cost.perRow()).isEqualTo(assumed).isLessThan(0.1);
    }

    @Test
    void isThePartOfAPassThatPassesHaveShown() {
        for (int i = 0; i < 100; i++) {
            cost.ran(1, 1_000_000);
            cost.ran(5, 2_000_000);
            cost.ran(16, 4_750_000);
        }
        assertThat(cost.perRow()).isCloseTo(0.25, within(0.03));
    }

    @Test
    void oneInterruptedPassSaysLittle() {
        for (int i = 0; i < 100; i++) {
            cost.ran(1, 1_000_000);
            cost.ran(8, 1_100_000);
        }
        double before = cost.perRow();
        cost.ran(8, 1_000_000_000);
        assertThat(cost.perRow()).isCloseTo(before, within(0.02));
    }

    @Test
    void passesOfMoreRowsThanDraftsMayMakeAreNotLookedAt() {
        double assumed = cost.perRow();
        cost.ran(17, 1_000_000);
        assertThat(cost.perRow()).isEqualTo(assumed);
    }
}
