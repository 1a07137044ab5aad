package io.lorikeet.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CanaryDecision;
import io.lorikeet.contracts.CanaryDecision.Kind;
import io.lorikeet.contracts.CheckpointEvent;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckpointOrderTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    private final CheckpointOrder order = new CheckpointOrder();

    @Test
    void ofTwoDecisionsOnTheSameStateTheFirstCounts() {
        assertThat(order.counts(served(0))).isTrue();
        assertThat(order.counts(decision(1, 0))).isTrue();
        assertThat(order.counts(decision(2, 0)))
                .as("it replaces what stands no more")
                .isFalse();
        assertThat(order.counts(decision(3, 1))).isTrue();
    }

    @Test
    void noDecisionUndoesWhatCameBetween() {
        order.counts(served(0));
        assertThat(order.counts(served(1))).as("a trainer asks nobody").isTrue();
        assertThat(order.counts(decision(2, 0))).isFalse();

        assertThat(order.counts(new CheckpointRecord.Retire("a"))).isTrue();
        assertThat(order.counts(decision(3, 1))).as("the name is retired").isFalse();
        assertThat(order.counts(served(4))).isTrue();
        assertThat(order.counts(decision(5, 4))).isTrue();
    }

    @Test
    void aDecisionCountsWhoseReasonCompactionHasTaken() {
        assertThat(order.counts(decision(7, 6))).isTrue();
        assertThat(order.counts(decision(8, 6))).isFalse();
    }

    private static CheckpointRecord served(int second) {
        return new CheckpointRecord.Serve(event(second));
    }

    private static CheckpointRecord decision(int second, int replaces) {
        var decision = new CanaryDecision(Kind.ROLLED_BACK, "v@2", "because", TIME.plusSeconds(replaces));
        return new CheckpointRecord.Serve(event(0).decided(TIME.plusSeconds(second), null, decision));
    }

    private static CheckpointEvent event(int second) {
        return new CheckpointEvent(
                "a",
                "v@1",
                URI.create("file:///a"),
                List.of(),
                new BaseModel("b", "f"),
                8,
                32,
                false,
                false,
                List.of(),
                null,
                List.of(),
                null,
                TIME.plusSeconds(second));
    }
}
