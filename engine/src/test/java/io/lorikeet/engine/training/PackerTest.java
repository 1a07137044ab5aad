package io.lorikeet.engine.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.program.MicroBatch;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackerTest {
    @Test
    void laysRowsEndToEnd() {
        var longer = new TrainingExample(new int[] {10, 11, 12}, new int[] {-100, 11, 12});
        var shorter = new TrainingExample(new int[] {20, 21}, new int[] {-100, 21});
        MicroBatch microBatch = packer(100).pack(List.of(shorter, longer)).getFirst();
        assertThat(microBatch.tokens()).containsExactly(10, 11, 12, 20, 21);
        assertThat(microBatch.positions()).containsExactly(0, 1, 2, 0, 1);
        assertThat(microBatch.starts()).containsExactly(0, 3, 5);
        assertThat(microBatch.b()).isEqualTo(2);
        assertThat(microBatch.s()).isEqualTo(3);
        assertThat(microBatch.rows()).containsExactly(0, 1, 2, 3, 4);
        assertThat(microBatch.places()).containsExactly(0, 1, 2, 3, 4);
        assertThat(microBatch.supervised()).containsExactly(0, 1, 3);
        assertThat(microBatch.targets()).containsExactly(11, 12, 21);
    }

    @Test
    void computesWhatRowsBeginWithOnce() {
        var first = new TrainingExample(new int[] {1, 2, 3, 4}, new int[] {-100, -100, 3, 4});
        var second = new TrainingExample(new int[] {1, 2, 5, 4}, new int[] {-100, -100, 5, 4});
        // a row that another begins with, of which less is supervised
        var third = new TrainingExample(new int[] {1, 2, 5}, new int[] {-100, -100, 5});
        MicroBatch microBatch = packer(100).pack(List.of(first, second, third)).getFirst();
        assertThat(microBatch.tokens()).containsExactly(1, 2, 3, 4, 5, 4);
        assertThat(microBatch.positions()).containsExactly(0, 1, 2, 3, 2, 3);
        assertThat(microBatch.starts()).containsExactly(0, 4, 8, 11);
        assertThat(microBatch.rows()).containsExactly(0, 1, 2, 3, 0, 1, 4, 5, 0, 1, 4);
        assertThat(microBatch.places()).containsExactly(0, 1, 2, 3, 6, 7);
        // token 2 of all rows predicts for each of them
        assertThat(microBatch.supervised()).containsExactly(1, 2, 1, 4, 1);
        assertThat(microBatch.targets()).containsExactly(3, 4, 5, 4, 5);
        assertThat(microBatch.tokenCount()).isEqualTo(11);
        assertThat(microBatch.computedTokens()).isEqualTo(6);
    }

    @Test
    void leavesRowsAsTheyLieIfTheyShareLittle() {
        int[] one = IntStream.range(0, 20).toArray();
        int[] other = IntStream.range(0, 20).map(i -> i == 0 ? 0 : 100 + i).toArray();
        MicroBatch microBatch = packer(100)
                .pack(List.of(new TrainingExample(one, one), new TrainingExample(other, other)))
                .getFirst();
        assertThat(microBatch.computedTokens()).isEqualTo(40);
    }

    @Test
    void splitsAtTheBudgetAndLosesNoRow() {
        List<TrainingExample> rows =
                IntStream.of(7, 3, 9, 30, 2, 8).mapToObj(PackerTest::row).toList();
        List<MicroBatch> microBatches = packer(12).pack(rows);
        assertThat(microBatches).extracting(MicroBatch::tokenCount).containsExactly(30, 9, 8, 12);
    }

    @Test
    void theFirstTokenOfARowIsNeverATarget() {
        var row = new TrainingExample(new int[] {5, 6}, new int[] {5, 6});
        assertThat(row.supervisedTokens()).isEqualTo(1);
        assertThat(packer(10).pack(List.of(row)).getFirst().targets()).containsExactly(6);
    }

    @Test
    void leavesRowsAsTheyLieIfTooFewTokensAreShared() {
        int[] ids = IntStream.range(0, 20).toArray();
        var row = new TrainingExample(ids, ids);
        assertThat(MicroBatch.of(List.of(row, row), 20).computedTokens()).isEqualTo(20);
        assertThat(MicroBatch.of(List.of(row, row), 21).computedTokens()).isEqualTo(40);
    }

    private static Packer packer(int maxTokens) {
        return new Packer(maxTokens, 1, 1);
    }

    private static TrainingExample row(int length) {
        int[] ids = IntStream.range(0, length).toArray();
        return new TrainingExample(ids, ids);
    }
}
