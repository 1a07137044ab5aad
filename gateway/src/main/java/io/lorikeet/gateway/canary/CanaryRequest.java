package io.lorikeet.gateway.canary;

import io.lorikeet.contracts.CanaryBounds;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.http.JsonBody;
import java.util.Optional;
import java.util.Set;

/**
 * Which version is to be tried, and how.
 *
 * @param share null: the configured one
 * @param bounds null: the configured ones
 */
public record CanaryRequest(
        @Setting(
                doc = "The version to try, promoted before or not.",
                required = true,
                pattern = CheckpointEvent.VERSION)
        String version,

        @Setting(
                doc = "Share of the requests.",
                whenAbsent = "LORIKEET_CANARY_SHARE",
                min = 0,
                aboveMin = true,
                max = 1)
        Double share,

        @Setting(doc = "What it is judged by.", whenAbsent = "the settings LORIKEET_CANARY_…")
        Bounds bounds) {
    private static final String SUBJECT = "canary";
    private static final RecordShape<CanaryRequest> SHAPE = RecordShape.of(CanaryRequest.class);

    /** What a canary is judged by; what is not said is as configured. */
    public record Bounds(
            @Setting(
                    doc = "Requests that it has to have answered before it is judged.",
                    whenAbsent = "LORIKEET_CANARY_MIN_REQUESTS",
                    min = 1)
            Integer minRequests,

            @Setting(
                    doc = "So much more of its requests may fail than of the stable version's.",
                    whenAbsent = "LORIKEET_CANARY_MAX_ERROR_RATE",
                    min = 0,
                    max = 1)
            Double maxErrorRate,

            @Setting(
                    doc = "Its median time to an answer's end may be so many times the stable version's.",
                    whenAbsent = "LORIKEET_CANARY_MAX_LATENCY_RATIO",
                    min = 0)
            Double maxLatencyRatio,

            @Setting(
                    doc = "So much of its acceptance questions has to be answered well.",
                    whenAbsent = "LORIKEET_CANARY_MIN_ACCEPTED",
                    min = 0,
                    max = 1)
            Double minAccepted,

            @Setting(
                    doc = "So long it has to keep the bounds before it is promoted.",
                    whenAbsent = "LORIKEET_CANARY_PROMOTE_AFTER",
                    min = 0)
            Long promoteAfterSeconds,

            @Setting(doc = "Whether it is promoted by itself at all.", defaultValue = "true")
            boolean autoPromote) {}

    static CanaryRequest read(byte[] body) {
        var object = JsonBody.object(body, SUBJECT, "{\"version\": \"…\"}");
        return new RecordReader(SUBJECT).read(SHAPE, object, Set.of());
    }

    double share(GatewayConfig.Canary configured) {
        return Optional.ofNullable(share).orElseGet(configured::share);
    }

    CanaryBounds bounds(GatewayConfig.Canary configured) {
        var said = Optional.ofNullable(bounds);
        boolean byItself = said.map(Bounds::autoPromote).orElse(true);
        return new CanaryBounds(
                said.map(Bounds::minRequests).orElseGet(configured::minRequests),
                said.map(Bounds::maxErrorRate).orElseGet(configured::maxErrorRate),
                said.map(Bounds::maxLatencyRatio).orElseGet(configured::maxLatencyRatio),
                said.map(Bounds::minAccepted).orElseGet(configured::minAccepted),
                byItself
                        ? said.map(Bounds::promoteAfterSeconds)
                                .orElseGet(() -> configured.promoteAfter().toSeconds())
                        : null);
    }
}
