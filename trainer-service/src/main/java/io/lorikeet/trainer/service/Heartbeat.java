package io.lorikeet.trainer.service;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/** When the running job last gave a sign of life, and how long its longest step took. */
@ApplicationScoped
class Heartbeat {
    private static final int LONGEST_STEPS = 20;

    private volatile String phase = "none";
    private volatile long beat = System.nanoTime();
    private volatile long longestStep;

    /** A part of a job begins. */
    void beat(String newPhase) {
        phase = newPhase;
        beat = System.nanoTime();
    }

    /** The part goes on. */
    void beat() {
        beat = System.nanoTime();
    }

    void step(Duration took) {
        longestStep = Math.max(longestStep, took.toNanos());
        beat = System.nanoTime();
    }

    /** A job ends, one way or another. */
    void rest() {
        longestStep = 0;
        beat("none");
    }

    String phase() {
        return phase;
    }

    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - beat);
    }

    /** Silence beyond this is a hang: a step may take long, but not much longer than the steps before it. */
    Duration allowed(Duration atLeast) {
        Duration bySteps = Duration.ofNanos(longestStep).multipliedBy(LONGEST_STEPS);
        return bySteps.compareTo(atLeast) > 0 ? bySteps : atLeast;
    }
}
