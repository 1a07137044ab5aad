package io.lorikeet.engine.sharing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training gives way while somebody's steps run, and to nobody else. */
class RightOfWayTest {
    private static final String DEVICE = "cpu";
    private static final Duration STEP = Duration.ofMillis(4);
    private static final Duration PIECE = Duration.ofMillis(2);
    private static final Duration WINDOW = Duration.ofMillis(700);

    @TempDir
    private Path directory;

    @Test
    void whoSharesNothingGivesWayToNobody() {
        try (var way = RightOfWay.of(Sharing.OFF, DEVICE)) {
            assertThat(way.yields()).isFalse();
            assertThat(way.await(Piece.FORWARD, 1)).isFalse();
        }
    }

    @Test
    void trainingHasItsShareWhileRequestsRunAndAllOfItWithinASecondOfTheLast() throws Exception {
        var sharing = new Sharing(Optional.of(directory), 0.1);
        var serving = new AtomicBoolean(true);
        var begun = new AtomicBoolean();
        Thread server = Thread.ofPlatform().start(() -> {
            try (var sign = StepSign.of(sharing, DEVICE)) {
                while (serving.get()) {
                    sign.begin();
                    LockSupport.parkNanos(STEP.toNanos());
                    sign.end();
                    begun.set(true);
                }
                begun.set(false);
                LockSupport.park();
            }
        });
        try (var way = RightOfWay.of(sharing, DEVICE)) {
            while (!begun.get()) {
                Thread.onSpinWait();
            }
            way.await(Piece.FORWARD, 1);
            int beside = pieces(way);
            serving.set(false);
            server.join(Duration.ofMillis(50));
            long ended = System.nanoTime();
            while (way.await(Piece.FORWARD, 1)) {
                way.ran(Piece.FORWARD, 1, PIECE.toNanos());
            }
            assertThat(Duration.ofNanos(System.nanoTime() - ended)).isLessThan(Duration.ofSeconds(1));
            int alone = pieces(way);
            assertThat(beside).isPositive().isLessThan(alone * 6 / 10);
        } finally {
            LockSupport.unpark(server);
            server.join();
        }
    }

    @Test
    void aProcessThatWasEndedInAStepHoldsNobodyUpForLong() {
        var sharing = Sharing.in(directory);
        var sign = StepSign.of(sharing, DEVICE);
        try (var way = RightOfWay.of(sharing, DEVICE)) {
            assertThat(way.await(Piece.FORWARD, 1)).isFalse();
            sign.begin();
            long begun = System.nanoTime();
            assertThat(way.await(Piece.FORWARD, 1)).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofMillis(500), Duration.ofSeconds(5));
        } finally {
            sign.close();
        }
    }

    private static int pieces(RightOfWay way) {
        int ran = 0;
        long end = System.nanoTime() + WINDOW.toNanos();
        while (System.nanoTime() < end) {
            boolean gave = way.await(Piece.FORWARD, 1);
            LockSupport.parkNanos(PIECE.toNanos());
            if (gave) {
                way.ran(Piece.FORWARD, 1, PIECE.toNanos());
            }
            ran++;
        }
        return ran;
    }
}
