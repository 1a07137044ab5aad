package io.lorikeet.gateway.access;

import io.github.bucket4j.Bucket;
import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** How much each key has asked for lately, at this gateway. */
@ApplicationScoped
public class Quotas {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Map<Limit, Bucket> buckets = new ConcurrentHashMap<>();

    /** A key's limit; another number makes another bucket. */
    private record Limit(String key, String of, int perMinute) {}

    /** Takes one request. */
    Optional<ApiError> request(Caller caller) {
        return bucket(caller, "requests", caller.quota().requestsPerMinute()).flatMap(bucket -> {
            var taken = bucket.tryConsumeAndReturnRemaining(1);
            return taken.isConsumed()
                    ? Optional.empty()
                    : Optional.of(exceeded(
                            "this key may send " + caller.quota().requestsPerMinute() + " requests a minute",
                            Duration.ofNanos(taken.getNanosToWaitForRefill())));
        });
    }

    /** Whether there are tokens left; how many a request takes, only its answer tells. */
    void requireTokens(Caller caller) {
        bucket(caller, "tokens", caller.quota().tokensPerMinute()).ifPresent(bucket -> {
            var left = bucket.estimateAbilityToConsume(1);
            if (!left.canBeConsumed()) {
                throw ApiException.of(exceeded(
                        "this key may use " + caller.quota().tokensPerMinute() + " tokens a minute",
                        Duration.ofNanos(left.getNanosToWaitForRefill())));
            }
        });
    }

    /** Takes what an answer took, be it more than there was. */
    void tokens(Caller caller, long used) {
        bucket(caller, "tokens", caller.quota().tokensPerMinute())
                .filter(_ -> used > 0)
                .ifPresent(bucket -> bucket.consumeIgnoringRateLimits(used));
    }

    /** 429: later. */
    static ApiError exceeded(String limit, Duration wait) {
        return new ApiError(
                429,
                limit + "; try again when Retry-After is over",
                null,
                "rate_limit_exceeded",
                List.of(),
                Optional.of(wait.plusSeconds(1)));
    }

    private Optional<Bucket> bucket(Caller caller, String of, Integer perMinute) {
        return perMinute == null
                ? Optional.empty()
                : Optional.of(buckets.computeIfAbsent(
                        new Limit(caller.id().orElseThrow(), of, perMinute), limit -> Bucket.builder()
                                .addLimit(band ->
                                        band.capacity(limit.perMinute()).refillGreedy(limit.perMinute(), MINUTE))
                                .build()));
    }
}
