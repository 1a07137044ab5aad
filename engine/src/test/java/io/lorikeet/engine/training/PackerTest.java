package io.lorikeet.engine.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.program.PackedPass;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackerTest {
    @Test
    void laysRowsEndToEndAndPadsAttentionAlone() {
        var longer = new TrainingExample(new int[] {10, 11, 12}, new int[] {-100, 11, 12});
        var shorter = new TrainingExample(new int[] {20, 21}, new int[] {-100, 21});
        PackedPass pass = Packer.pack(List.of(shorter, longer), 100).getFirst();
        assertThat(pass.tokens()).containsExactly(10, 11, 12, 20, 21);
        assertThat(pass.positions()).containsExactly(0, 1, 2, 0, 1);
        assertThat(pass.b()).isEqualTo(2);
        assertThat(pass.s()).isEqualTo(3);
        // the third place of the second row is padding
        assertThat(pass.toRows()).containsExactly(0, 1, 2, 3, 4, 3);
        assertThat(pass.fromRows()).containsExactly(0, 1, 2, 3, 4);
        assertThat(pass.supervised()).containsExactly(0, 1, 3);
        assertThat(pass.targets()).containsExactly(11, 12, 21);
    }

    @Test
    void splitsAtTheBudgetAndLosesNoRow() {
        List<TrainingExample> rows =
                IntStream.of(7, 3, 9, 30, 2, 8).mapToObj(PackerTest::row).toList();
        List<PackedPass> passes = Packer.pack(rows, 12);
        assertThat(passes).extracting(PackedPass::tokenCount).containsExactly(30, 9, 8, 12);
    }

    @Test
    void theFirstTokenOfARowIsNeverATarget() {
        var row = new TrainingExample(new int[] {5, 6}, new int[] {5, 6});
        assertThat(row.supervisedTokens()).isEqualTo(1);
        assertThat(Packer.pack(List.of(row), 10).getFirst().targets()).containsExactly(6);
    }

    private static TrainingExample row(int length) {
        int[] ids = IntStream.range(0, length).toArray();
        return new TrainingExample(ids, ids);
    }
}
