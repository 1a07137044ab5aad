package io.lorikeet.trainer.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static final Duration HANG_AFTER = Duration.ofMinutes(10);

    private final Heartbeat heartbeat = new Heartbeat();

    @Test
    void silenceIsAllowedAtLeastAsLongAsConfigured() {
        heartbeat.step(Duration.ofSeconds(1));

        assertThat(heartbeat.allowed(HANG_AFTER)).isEqualTo(HANG_AFTER);
    }

    @Test
    void aJobOfLongStepsMayBeSilentForLong() {
        heartbeat.step(Duration.ofMinutes(2));
        heartbeat.step(Duration.ofSeconds(1));

        assertThat(heartbeat.allowed(HANG_AFTER)).isEqualTo(Duration.ofMinutes(40));
    }

    @Test
    void theNextJobIsNotExcusedByTheLongStepsOfTheOneBefore() {
        heartbeat.step(Duration.ofMinutes(2));
        heartbeat.rest();

        assertThat(heartbeat.allowed(HANG_AFTER)).isEqualTo(HANG_AFTER);
    }

    @Test
    void everyPassOfAStepIsASignOfLife() throws InterruptedException {
        heartbeat.beat("training");
        Thread.sleep(60);
        assertThat(heartbeat.silence()).isGreaterThan(Duration.ofMillis(50));

        heartbeat.beat();

        assertThat(heartbeat.silence()).isLessThan(Duration.ofMillis(50));
        assertThat(heartbeat.phase()).isEqualTo("training");
    }
}
