package io.lorikeet.contracts;

/**
 * What a {@link Canary} is judged by. Rates and times are those of its requests and of the stable version's in the same time.
 *
 * @param minRequests answered by the canary before it is judged at all
 * @param maxErrorRate so much more of its requests may fail than of the stable version's, 0 to 1
 * @param maxLatencyRatio its median time to an answer's end may be so many times that of the stable version
 * @param minAccepted so much of its acceptance questions has to be answered well whenever they are asked, 0 to 1
 * @param promoteAfterSeconds it is promoted by itself when it has kept the bounds for so long; absent: only when told to
 */
public record CanaryBounds(
        int minRequests, double maxErrorRate, double maxLatencyRatio, double minAccepted, Long promoteAfterSeconds) {
    public CanaryBounds {
        Checks.atLeast("min_requests", minRequests, 1);
        Checks.share("max_error_rate", maxErrorRate);
        Checks.notNegative("max_latency_ratio", maxLatencyRatio);
        Checks.share("min_accepted", minAccepted);
        if (promoteAfterSeconds != null) {
            Checks.atLeast("promote_after_seconds", promoteAfterSeconds, 0);
        }
    }
}
