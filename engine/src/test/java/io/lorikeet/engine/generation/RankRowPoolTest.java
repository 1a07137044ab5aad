package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.model.RankRows;
import java.util.List;
import org.junit.jupiter.api.Test;

class RankRowPoolTest {
    private final RankRowPool pool = new RankRowPool(16);

    @Test
    void anAdapterTakesAsManyRowsAsItsRankAndNoMore() {
        assertThat(pool.take(4)).containsExactly(new RankRows(0, 4));
        assertThat(pool.take(8)).containsExactly(new RankRows(4, 8));
        assertThat(pool.available()).isEqualTo(4);
    }

    @Test
    void itTakesTheSmallestPieceThatHoldsIt() {
        List<RankRows> first = pool.take(6);
        pool.take(2);
        List<RankRows> third = pool.take(3);
        pool.take(1);
        pool.give(first);
        pool.give(third);

        assertThat(pool.take(3)).as("of pieces of 6, 3 and 4").isEqualTo(third);
    }

    @Test
    void whatIsFreeInPiecesIsOfUseToo() {
        List<RankRows> first = pool.take(3);
        pool.take(5);
        List<RankRows> third = pool.take(2);
        pool.take(6);
        pool.give(first);
        pool.give(third);

        assertThat(pool.take(4)).containsExactly(new RankRows(0, 3), new RankRows(8, 1));
        assertThat(pool.available()).isEqualTo(1);
        assertThatThrownBy(() -> pool.take(2)).hasMessageContaining("1 rank rows too few for a rank of 2");
    }
}
