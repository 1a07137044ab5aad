package io.lorikeet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private static final int MIB = 1 << 20;

    private final BodyBudget budget = new BodyBudget(8 * MIB);

    @Test
    void largeBodiesLeaveRoomForSmallOnes() {
        var large = budget.share();
        while (large.take(MIB / 4)) {}

        assertThat(budget.share().take(MIB / 4)).isFalse();
        assertThat(budget.share().take(1_000)).isTrue();
    }

    @Test
    void smallOnesCannotTakeMoreThanThereIs() {
        int taken = 0;
        while (budget.share().take((int) BodyBudget.SMALL)) {
            taken++;
        }

        assertThat(taken).isEqualTo(8 * MIB / (int) BodyBudget.SMALL);
    }

    @Test
    void whatIsGivenBackOthersTake() {
        var first = budget.share();
        assertThat(first.take(7 * MIB)).isTrue();
        var second = budget.share();
        assertThat(second.take(7 * MIB)).isFalse();

        first.giveBack();
        first.giveBack();

        assertThat(second.take(7 * MIB)).isTrue();
        assertThat(budget.share().take(MIB)).isFalse();
    }
}
