package io.lorikeet.engine.sharing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.sharing.ServingSteps.Ended;
import org.junit.jupiter.api.Test;

/** What a piece costs the steps beside it, found out from the steps alone. */
class PieceCostsTest {
    private static final long STEP = 6_000_000;
    private static final long PIECE = 5_000_000;

    @Test
    void twoThatTakeTurnsOnADeviceEachLookAsLongAsBoth() {
        var costs = new PieceCosts();
        assertThat(costs.wantsStepAlone()).isTrue();
        costs.learn(new Ended(1, STEP));
        costs.learn(new Ended(1, STEP));
        assertThat(costs.wantsStepAlone()).isFalse();
        for (int step = 0; step < 30; step++) {
            costs.ran(Piece.BACKWARD, 2048, STEP + PIECE);
            costs.learn(new Ended(1, STEP + PIECE));
        }
        assertThat(costs.step()).isEqualTo(STEP);
        assertThat(costs.of(Piece.BACKWARD, 2048)).isCloseTo(PIECE, within(0.05 * PIECE));
        assertThat(costs.of(Piece.BACKWARD, 1024)).isCloseTo(PIECE / 2.0, within(0.05 * PIECE));
    }

    @Test
    void aStepIsLeftAloneNowAndThenSoThatLongerOnesAreNoticed() {
        var costs = new PieceCosts();
        costs.learn(new Ended(2, 2 * STEP));
        int steps = 0;
        while (!costs.wantsStepAlone()) {
            costs.ran(Piece.FORWARD, 2048, PIECE);
            costs.learn(new Ended(1, 2 * STEP + PIECE));
            steps++;
        }
        assertThat(steps).isBetween(20, 60);
        costs.learn(new Ended(1, 2 * STEP));
        costs.learn(new Ended(1, 2 * STEP));
        assertThat(costs.wantsStepAlone()).isFalse();
        assertThat(costs.step()).isGreaterThan(STEP);
    }
}
