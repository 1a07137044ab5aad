package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.CanaryBounds;
import java.time.Instant;
import java.util.List;

/**
 * A canary, and how it does at the gateway that is asked.
 *
 * @param share of the requests that name the adapter and no version
 * @param since when it began
 * @param bounds what it is judged by
 * @param canary what came of its requests, since it or this gateway began
 * @param stable what came of the other ones in the same time
 * @param acceptance what came of its acceptance questions when they were asked last; null if they have not been, or it has none
 * @param verdict what is to become of it, in words
 */
public record CanaryView(
        String version,
        double share,
        Instant since,
        CanaryBounds bounds,
        Figures canary,
        Figures stable,
        Answers acceptance,
        String verdict) {
    /**
     * What came of requests.
     *
     * @param requests that were answered or failed
     * @param failed of them
     * @param errorRate failed / requests; 0 without any
     * @param medianSeconds to the end of the newest answers; null without any
     */
    public record Figures(long requests, long failed, double errorRate, Double medianSeconds) {}

    /**
     * What came of acceptance questions.
     *
     * @param failed those that were not answered well
     * @param time when they were asked
     */
    public record Answers(int asked, int accepted, List<AcceptanceAnswer> failed, Instant time) {}
}
