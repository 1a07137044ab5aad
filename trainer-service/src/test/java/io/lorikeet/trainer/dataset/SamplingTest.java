package io.lorikeet.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplingTest {
    @Test
    void aPermutationIsTheSameOnEveryMachine() {
        assertThat(Sampling.permutation(8, 42, 0)).containsExactly(7, 3, 4, 0, 2, 5, 1, 6);
    }
}
