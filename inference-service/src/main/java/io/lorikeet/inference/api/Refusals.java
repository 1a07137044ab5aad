package io.lorikeet.inference.api;

import io.lorikeet.contracts.ReplicaRoutes;
import io.lorikeet.contracts.Shown;
import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What the engine cannot do for a request, in the words and codes of OpenAI's API. */
final class Refusals {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final int MOST_NAMES = 20;

    private Refusals() {}

    /** 400: it refuses the request. */
    static ApiException invalid(String message) {
        return ApiException.badRequest(null, null, message);
    }

    /** 400: prompt and answer do not fit the model. */
    static ApiException tooLong(String message) {
        return ApiException.badRequest("messages", "context_length_exceeded", message);
    }

    /** 404: neither the base model nor an adapter has this name. */
    static ApiException unknownModel(String model, Collection<String> known) {
        var names = String.join(", ", known.stream().limit(MOST_NAMES).toList());
        var more = known.size() > MOST_NAMES ? " and " + (known.size() - MOST_NAMES) + " more" : "";
        return ApiException.of(new ApiError(
                404,
                "The model `" + Shown.name(model) + "` does not exist; there are " + names + more,
                "model",
                "model_not_found",
                List.of(),
                Optional.empty()));
    }

    /** 503: the topic that may have this name has not been read to its end. */
    static ApiException starting(String model) {
        return ApiException.unavailable(
                "this replica starts, and does not know yet whether there is " + Shown.name(model), RETRY_AFTER, null);
    }

    /** 424: a gateway hands its checkpoint over first, and asks again. */
    static ApiException notLoaded(String message) {
        return ApiException.of(new ApiError(
                ReplicaRoutes.VERSION_NOT_LOADED,
                message + "; put its checkpoint event to " + ReplicaRoutes.version("NAME", "VERSION"),
                "model",
                "version_not_loaded",
                List.of(),
                Optional.empty()));
    }

    /** 429: as many wait as may, or it has waited as long as a request may. */
    static ApiException overloaded(String message, Duration retryAfter) {
        return ApiException.passedOn(429, message, Optional.of(retryAfter));
    }

    /** 503: another replica will answer. */
    static ApiException shuttingDown(String message) {
        return ApiException.of(new ApiError(503, message, null, "shutting_down", List.of(), Optional.of(RETRY_AFTER)));
    }
}
