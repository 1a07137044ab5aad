package io.lorikeet.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenRateTest {
    private static final long SECOND = 1_000_000_000;

    private final TokenRate rate = new TokenRate();

    @Test
    void isThatOfTheLastTenSeconds() {
        rate.counted(1_000, 0);
        assertThat(rate.perSecond()).isEmpty();
        rate.counted(1_050, SECOND);
        assertThat(rate.perSecond()).hasValue(50);
        for (int second = 2; second <= 30; second++) {
            rate.counted(1_050 + 200 * (second - 1), second * SECOND);
        }
        assertThat(rate.perSecond()).hasValue(200);
    }

    @Test
    void beginsAnewWithAReplicaThatHasStartedAnewOrWasSilent() {
        rate.counted(1_000, 0);
        rate.counted(2_000, SECOND);
        rate.counted(10, 2 * SECOND);
        assertThat(rate.perSecond()).isEmpty();
        rate.counted(30, 3 * SECOND);
        assertThat(rate.perSecond()).hasValue(20);
        rate.silent();
        assertThat(rate.perSecond()).isEmpty();
    }
}
