package io.lorikeet.benchmarks.load;

import java.time.Duration;

/** Waits, in a measurement that nobody interrupts on purpose. */
public final class Pause {
    private Pause() {}

    /** Waits so long. */
    public static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
