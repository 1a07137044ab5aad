package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.EngineStats;
import java.time.Duration;

/** Says when it is worth coming back to a full queue: once as many requests have ended as wait now. */
final class QueuePace {
    private static final double SHORTEST = 1;
    private static final double LONGEST = 60;
    private static final double SAMPLE_SECONDS = 1;

    private long sampledAt = System.nanoTime();
    private long sampledFinished;
    private double perSecond;

    /** Whole seconds from 1 to 60. */
    synchronized Duration untilRoom(EngineStats stats) {
        double seconds = (System.nanoTime() - sampledAt) / 1e9;
        if (seconds >= SAMPLE_SECONDS) {
            perSecond = (stats.requestsFinished() - sampledFinished) / seconds;
            sampledFinished = stats.requestsFinished();
            sampledAt = System.nanoTime();
        }
        double wait = perSecond == 0 ? SHORTEST : stats.waiting() / perSecond;
        return Duration.ofSeconds(Math.round(Math.ceil(Math.clamp(wait, SHORTEST, LONGEST))));
    }
}
