package io.lorikeet.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private final Samples samples = new Samples();

    @Test
    void aQuantileIsTheSmallestValueThatCoversThePart() {
        IntStream.rangeClosed(1, 2000).forEach(i -> samples.add(2001 - i));

        assertThat(samples.median()).isEqualTo(1000);
        assertThat(samples.p99()).isEqualTo(1980);
        assertThat(samples.quantile(1)).isEqualTo(2000);
    }

    @Test
    void noSamplesHaveNoQuantile() {
        assertThat(samples.p99()).isNaN();
    }
}
