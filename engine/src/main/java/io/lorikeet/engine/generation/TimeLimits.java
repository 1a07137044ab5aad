package io.lorikeet.engine.generation;

import java.time.Duration;

/**
 * How long a request may take, from its arrival.
 *
 * @param queue until it must have begun; later it is refused
 * @param total until it must have ended; later it is given up
 */
public record TimeLimits(Duration queue, Duration total, long arrived) {
    private static final Duration FOREVER = Duration.ofDays(365);
    /** For work that nobody waits for. */
    public static final TimeLimits NONE = new TimeLimits(FOREVER, FOREVER, System.nanoTime());

    /** From now on. */
    public static TimeLimits of(Duration queue, Duration total) {
        return new TimeLimits(queue, total, System.nanoTime());
    }

    boolean queueIsOver(long now) {
        return now - arrived > queue.toNanos();
    }

    boolean totalIsOver(long now) {
        return now - arrived > total.toNanos();
    }
}
