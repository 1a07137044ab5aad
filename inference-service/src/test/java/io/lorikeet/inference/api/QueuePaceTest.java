package io.lorikeet.inference.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.generation.EngineStats;
import io.lorikeet.engine.program.GraphCounts;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueuePaceTest {
    private static final double SECOND = 1e9;

    private double now;
    private long ended;
    private final QueuePace pace = new QueuePace(() -> (long) now);

    @ParameterizedTest(name = "one ends every {0} s")
    @ValueSource(doubles = {0.1, 1, 2, 7, 20})
    void isRightWithinAFactorOfTwoInABurstAfterAQuietHour(double interval) {
        quietHour();
        burst();
        for (int place = 1; place <= 20; place++) {
            now += interval * SECOND;
            ended++;
            assertThat(untilRoom())
                    .as("seconds until the next place is free, after %s", place)
                    .isBetween(Math.max(1, interval / 2), Math.max(1, interval * 2));
        }
    }

    @Test
    void knowsThePaceOfTheLastQueueBeforeAnythingOfThisOneHasEnded() {
        burst();
        now += 40 * SECOND;
        ended += 10;
        assertThat(untilRoom()).isEqualTo(4);
        quietHour();
        burst();
        now += SECOND;
        assertThat(untilRoom()).isEqualTo(4);
    }

    @Test
    void followsAPaceThatChangesWhileTheQueueStaysFull() {
        burst();
        for (int second = 0; second < 600; second++) {
            now += SECOND;
            ended += 5;
            untilRoom();
        }
        for (int end = 0; end < 6; end++) {
            now += 10 * SECOND;
            ended++;
            untilRoom();
        }
        assertThat(untilRoom()).isBetween(5.0, 20.0);
    }

    @Test
    void knowsNoPaceAtFirstAndSaysASecondThenAsLongAsItHasTaken() {
        burst();
        assertThat(untilRoom()).isEqualTo(1);
        now += 5 * SECOND;
        assertThat(untilRoom()).isEqualTo(5);
        now += 600 * SECOND;
        assertThat(untilRoom()).isEqualTo(60);
    }

    /** A request every five minutes, each answered at once. */
    private void quietHour() {
        for (int request = 0; request < 12; request++) {
            now += Duration.ofMinutes(5).toNanos();
            pace.arrived(stats(0));
            ended++;
        }
        now += Duration.ofMinutes(5).toNanos();
    }

    /** As many requests as may wait, all at once; the first ones find nobody waiting. */
    private void burst() {
        for (int waiting = 0; waiting < 256; waiting++) {
            pace.arrived(stats(waiting));
        }
    }

    private double untilRoom() {
        return pace.untilRoom(stats(256)).toSeconds();
    }

    private EngineStats stats(int waiting) {
        return new EngineStats(16, waiting, 0.5, 0, 0, 0, ended, 0, 0, 0, GraphCounts.NONE, 0, 0, 0);
    }
}
