package io.lorikeet.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplingTest {
    @Test
    void aPermutationIsTheSameOnEveryMachine() {
        assertThat(Sampling.permutation(8, 42, 0)).containsExactly(7, 3, 4, 0, 2, 5, 1, 6);
    }

    @Test
    void takesWholeCopiesAndARestOfTheShuffle() {
        int[] rows = {10, 11, 12};

        assertThat(Sampling.take(rows, 7, 42, 1))
                .startsWith(10, 11, 12, 10, 11, 12)
                .hasSize(7);
        assertThat(Sampling.take(rows, 2, 42, 1))
                .containsExactly(java.util.Arrays.copyOf(Sampling.shuffled(rows, 42, 1), 2));
    }
}
