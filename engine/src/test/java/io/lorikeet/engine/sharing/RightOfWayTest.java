package io.lorikeet.engine.sharing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Training takes turns with whoever serves on its device, and with nobody else. */
@Timeout(60)
class RightOfWayTest {
    private static final String DEVICE = "cpu";
    private static final Duration STEP = Duration.ofMillis(4);
    private static final Duration PIECE = Duration.ofMillis(2);
    private static final Duration WINDOW = Duration.ofMillis(700);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    /** A process that has steps to run all the time. */
    private static final class Server implements AutoCloseable {
        final AtomicBoolean running = new AtomicBoolean();
        final AtomicInteger steps = new AtomicInteger();
        private final AtomicBoolean busy = new AtomicBoolean(true);
        private final Thread thread;

        Server(Sharing sharing, Duration step) {
            thread = Thread.ofPlatform().start(() -> {
                try (var sign = StepSign.of(sharing, DEVICE, LONG)) {
                    while (busy.get()) {
                        sign.begin();
                        running.set(true);
                        LockSupport.parkNanos(step.toNanos());
                        running.set(false);
                        sign.end();
                        steps.incrementAndGet();
                    }
                }
            });
            while (steps.get() == 0) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            busy.set(false);
            while (thread.isAlive()) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void whoSharesNothingGivesWayToNobody() {
        try (var way = RightOfWay.of(Sharing.OFF, DEVICE)) {
            assertThat(way.yields()).isFalse();
            assertThat(way.await(Piece.FORWARD, 1)).isFalse();
        }
    }

    @Test
    void noPieceRunsWhileAStepDoes() {
        var sharing = Sharing.in(directory);
        try (var way = RightOfWay.of(sharing, DEVICE);
                var one = new Server(sharing, Duration.ofNanos(100_000));
                var other = new Server(sharing, Duration.ofNanos(300_000))) {
            for (int pieces = 0; pieces < 200; ) {
                if (way.await(Piece.FORWARD, 1)) {
                    for (int i = 0; i < 20; i++) {
                        assertThat(one.running.get() || other.running.get())
                                .as("a step in piece " + pieces)
                                .isFalse();
                        Thread.onSpinWait();
                    }
                    way.ran(Piece.FORWARD, 1, 50_000);
                    pieces++;
                }
            }
            way.rest();
        }
    }

    @Test
    void trainingHasItsShareWhileRequestsRunAndAllOfItAfterThem() {
        var sharing = new Sharing(Optional.of(directory), 0.1);
        try (var way = RightOfWay.of(sharing, DEVICE)) {
            int beside;
            try (var _ = new Server(sharing, STEP)) {
                way.await(Piece.FORWARD, 1);
                beside = pieces(way);
            }
            while (way.await(Piece.FORWARD, 1)) {
                way.ran(Piece.FORWARD, 1, PIECE.toNanos());
            }
            int alone = pieces(way);
            assertThat(beside).isPositive().isLessThan(alone * 6 / 10);
        }
    }

    @Test
    void aProcessThatWasEndedInAStepHoldsNobodyUpForLong() {
        var sharing = Sharing.in(directory);
        var ended = StepSign.of(sharing, DEVICE);
        try (var way = RightOfWay.of(sharing, DEVICE)) {
            assertThat(way.await(Piece.FORWARD, 1)).isFalse();
            ended.begin();
            long begun = System.nanoTime();
            assertThat(way.await(Piece.FORWARD, 1)).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(500));

            try (var _ = new Server(sharing, STEP)) {
                while (!way.await(Piece.FORWARD, 1)) {
                    Thread.onSpinWait();
                }
                way.rest();
            }
        } finally {
            ended.close();
        }
    }

    @Test
    void aTrainerThatWasEndedInAPieceHoldsOneStepUpAndThoseAfterItAreWaitedFor() throws Exception {
        var sharing = Sharing.in(directory);
        try (var sign = StepSign.of(sharing, DEVICE, WINDOW)) {
            trainer().ask();
            sign.begin();
            sign.end();

            var next = trainer();
            next.ask();
            assertThat(next.areBetween(System.nanoTime())).isTrue();
            var begun = new AtomicBoolean();
            Thread server = Thread.ofPlatform().start(() -> {
                sign.begin();
                begun.set(true);
            });
            Thread.sleep(PIECE);
            assertThat(begun).isFalse();
            next.giveBack();
            server.join();
            assertThat(begun).isTrue();
        }
    }

    private ServingSteps trainer() {
        var steps = new ServingSteps(StepPage.directory(directory, DEVICE));
        steps.look(System.nanoTime());
        return steps;
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
        way.rest();
        return ran;
    }
}
