package io.lorikeet.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
    private static final RestartPolicy POLICY =
            new RestartPolicy(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(60), 5);

    @Test
    void thePauseDoublesWithEachQuickDeathUpToALongestOne() {
        assertThat(IntStream.rangeClosed(0, 5).mapToObj(POLICY::pause).map(Duration::toSeconds))
                .containsExactly(1L, 1L, 2L, 4L, 5L, 5L);
    }

    @Test
    void aLongLifeForgetsTheQuickDeathsBeforeIt() {
        assertThat(POLICY.quickDeaths(4, Duration.ofSeconds(59))).isEqualTo(5);
        assertThat(POLICY.quickDeaths(4, Duration.ofSeconds(60))).isZero();
        assertThat(POLICY.givesUp(4)).isFalse();
        assertThat(POLICY.givesUp(5)).isTrue();
    }
}
