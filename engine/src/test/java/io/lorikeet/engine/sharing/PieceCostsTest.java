package io.lorikeet.engine.sharing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** What a piece will take, by those before it. */
class PieceCostsTest {
    private static final long PIECE = 5_000_000;

    private final PieceCosts costs = new PieceCosts();

    @Test
    void nothingIsKnownOfAPieceThatNeverRan() {
        costs.ran(Piece.FORWARD, 2048, PIECE);

        assertThat(costs.of(Piece.BACKWARD, 2048)).isZero();
    }

    @Test
    void aPieceTakesAsLongForEachTokenAsThoseOfItsKind() {
        costs.ran(Piece.BACKWARD, 2048, PIECE);

        assertThat(costs.of(Piece.BACKWARD, 1024)).isEqualTo(PIECE / 2.0);
    }

    @Test
    void whatTakesLongerNowIsNoticed() {
        costs.ran(Piece.BACKWARD, 2048, PIECE);
        for (int i = 0; i < 20; i++) {
            costs.ran(Piece.BACKWARD, 2048, 2 * PIECE);
        }

        assertThat(costs.of(Piece.BACKWARD, 2048)).isCloseTo(2.0 * PIECE, within(0.01 * PIECE));
    }
}
