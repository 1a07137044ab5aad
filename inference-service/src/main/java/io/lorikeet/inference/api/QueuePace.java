package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.EngineStats;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Says when it is worth coming back to a full queue: when the next request is likely to have ended, and left its place to
 * one that waits. Requests end at the pace at which they have ended since a queue last formed, of the last half minute at
 * most: how many ended while nobody waited says nothing about that.
 */
final class QueuePace {
    private static final double SHORTEST = 1;
    private static final double LONGEST = 60;
    private static final double HALF_WINDOW = 15;

    private final LongSupplier clock;
    private Mark begin;
    private Mark middle;
    /** Seconds from one end to the next, as last seen; 0: never yet. */
    private double interval;

    /** How many requests had ended at a moment. */
    private record Mark(long nanos, long ended) {}

    QueuePace() {
        this(System::nanoTime);
    }

    /** @param clock nanoseconds */
    QueuePace(LongSupplier clock) {
        this.clock = clock;
        this.begin = new Mark(clock.getAsLong(), 0);
        this.middle = begin;
    }

    /** To be told of every request that comes: while nobody waits, the pace is not measured. */
    synchronized void arrived(EngineStats stats) {
        if (stats.waiting() == 0) {
            begin = mark(stats);
            middle = begin;
        }
    }

    /** Whole seconds from 1 to 60. */
    synchronized Duration untilRoom(EngineStats stats) {
        Mark now = mark(stats);
        if (seconds(middle, now) >= HALF_WINDOW) {
            begin = middle;
            middle = now;
        }
        double seconds = seconds(begin, now);
        long ended = now.ended - begin.ended;
        // while none has ended, the next end is as far away as it was before, or farther than the time until now
        interval = ended > 0 ? seconds / ended : Math.max(interval, seconds);
        return Duration.ofSeconds(Math.round(Math.ceil(Math.clamp(interval, SHORTEST, LONGEST))));
    }

    private Mark mark(EngineStats stats) {
        return new Mark(clock.getAsLong(), stats.requestsFinished());
    }

    private static double seconds(Mark from, Mark to) {
        return (to.nanos - from.nanos) / 1e9;
    }
}
