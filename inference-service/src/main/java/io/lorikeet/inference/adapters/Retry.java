package io.lorikeet.inference.adapters;

import java.time.Duration;

/**
 * Patience with files that are late.
 *
 * @param attempts how often in all
 * @param firstDelay wait before the second attempt; doubles with each further one
 * @param maxDelay longest wait
 */
record Retry(int attempts, Duration firstDelay, Duration maxDelay) {
    Retry {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts must be at least 1, is " + attempts);
        }
    }

    /** Whether there is one more after attempt number {@code attempt}; as long as the store does not answer, there always is. */
    boolean goesOn(int attempt, AdapterRejectedException refused) {
        return refused.mayPass() && (attempt < attempts || refused.storeAway());
    }

    /** Wait after attempt number {@code attempt}, counted from 1. */
    Duration delayAfter(int attempt) {
        var doubled = firstDelay.multipliedBy(1L << Math.min(attempt - 1, 30));
        return doubled.compareTo(maxDelay) < 0 ? doubled : maxDelay;
    }
}
