package io.lorikeet.trainer.queue;

import java.time.Duration;
import java.util.Optional;

/** What the queue's thread last said of itself, for the health check. */
public final class QueueHealth {

    /**
     * How it stands.
     *
     * @param phase {@code starting}, {@code idle}, {@code training}, {@code ended}
     * @param job the job in hand
     * @param leaseHeld whether the broker still keeps the command for us
     * @param lastTurn how long ago the thread came by
     * @param problem the last thing that made the queue start over, until it takes commands again
     */
    public record Snapshot(
            String phase, Optional<String> job, boolean leaseHeld, Duration lastTurn, Optional<String> problem) {}

    private volatile String phase = "starting";
    private volatile Optional<String> job = Optional.empty();
    private volatile boolean leaseHeld = true;
    private volatile Optional<String> problem = Optional.empty();
    private volatile long turn = System.nanoTime();

    public Snapshot snapshot() {
        return new Snapshot(phase, job, leaseHeld, Duration.ofNanos(System.nanoTime() - turn), problem);
    }

    void idle() {
        turn = System.nanoTime();
        phase = "idle";
        job = Optional.empty();
        leaseHeld = true;
        problem = Optional.empty();
    }

    void training(String jobId) {
        turn = System.nanoTime();
        job = Optional.of(jobId);
        phase = "training";
    }

    void lease(boolean held) {
        turn = System.nanoTime();
        leaseHeld = held;
    }

    void problem(String what) {
        turn = System.nanoTime();
        problem = Optional.of(what);
    }

    void ended() {
        phase = "ended";
    }
}
