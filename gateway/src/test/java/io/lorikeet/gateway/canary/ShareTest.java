package io.lorikeet.gateway.canary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.contracts.Canary;
import io.lorikeet.contracts.CanaryBounds;
import io.lorikeet.gateway.Kafka;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTest {
    private static final int MANY = 20_000;

    private static Canary canary(String version, double share) {
        var bounds = new CanaryBounds(50, 0.05, 1.5, 1, 600L);
        return new Canary(Kafka.checkpoint("assistant", version), share, Instant.EPOCH, bounds);
    }

    private static long included(Canary canary) {
        return IntStream.range(0, MANY)
                .filter(i -> Share.includes(canary, "user " + i))
                .count();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.05, 0.5, 0.9, 1})
    void thatPartOfThoseWhoAskIsAnsweredByIt(double share) {
        assertThat((double) included(canary("new@1", share)) / MANY).isCloseTo(share, within(0.015));
    }

    @Test
    void whoIsAnsweredByItStaysWhenItsShareGrows() {
        for (int i = 0; i < MANY; i++) {
            if (Share.includes(canary("new@1", 0.1), "user " + i)) {
                assertThat(Share.includes(canary("new@1", 0.2), "user " + i)).isTrue();
            }
        }
    }

    @Test
    void theNextCanaryIsNotTriedOnTheSameOnes() {
        long both = IntStream.range(0, MANY)
                .mapToObj(i -> "user " + i)
                .filter(who -> Share.includes(canary("new@1", 0.5), who) && Share.includes(canary("next@1", 0.5), who))
                .count();

        assertThat((double) both / MANY).isCloseTo(0.25, within(0.015));
    }
}
