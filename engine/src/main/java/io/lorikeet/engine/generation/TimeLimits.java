package io.lorikeet.engine.generation;

import java.time.Duration;
import java.util.Optional;

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

    /** Why a request must end now, if it must. */
    Optional<RequestException> exceeded(boolean waits, long now) {
        if (now - arrived > total.toNanos()) {
            return Optional.of(new RequestException(
                    RequestException.Kind.DEADLINE,
                    "the answer was not complete within " + total.toMillis() + " ms, and was given up"));
        }
        if (waits && now - arrived > queue.toNanos()) {
            return Optional.of(new RequestException(
                    RequestException.Kind.QUEUE_TIMEOUT,
                    "no place got free within " + queue.toMillis() + " ms; try again later"));
        }
        return Optional.empty();
    }
}
