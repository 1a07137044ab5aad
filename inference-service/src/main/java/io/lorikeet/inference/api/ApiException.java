package io.lorikeet.inference.api;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/** An answer that is an error, as OpenAI's API words it. */
public final class ApiException extends RuntimeException {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final int status;
    private final transient ApiError error;
    private final transient Optional<Duration> retryAfter;

    private ApiException(int status, ApiError error, Optional<Duration> retryAfter, Throwable cause) {
        super(error.message(), cause);
        this.status = status;
        this.error = error;
        this.retryAfter = retryAfter;
    }

    private static ApiException of(int status, String type, String param, String code, String message) {
        return new ApiException(status, new ApiError(message, type, param, code), Optional.empty(), null);
    }

    /** 400: a parameter has a value that cannot be meant. */
    static ApiException badValue(String param, String message) {
        return of(400, ApiError.INVALID_REQUEST, param, "invalid_value", message);
    }

    /** 400: a parameter that this service does not have. */
    static ApiException unsupported(String param, String message) {
        return of(400, ApiError.INVALID_REQUEST, param, "unsupported_parameter", message);
    }

    /** 400: the engine refuses the request. */
    static ApiException refused(String message) {
        return of(400, ApiError.INVALID_REQUEST, null, null, message);
    }

    /** 404: neither the base model nor an adapter has this name. */
    static ApiException unknownModel(String model, Collection<String> known) {
        return of(
                404,
                ApiError.INVALID_REQUEST,
                "model",
                "model_not_found",
                "The model `" + model + "` does not exist; there are " + String.join(", ", known));
    }

    /** 400: prompt and answer do not fit the model. */
    static ApiException tooLong(String message) {
        return of(400, ApiError.INVALID_REQUEST, "messages", "context_length_exceeded", message);
    }

    /** 504: the request took longer than a request may. */
    static ApiException tooLate(String message) {
        return of(504, "timeout_error", null, "timeout", message);
    }

    /** 499, as nginx has it: nobody is there to read it, but logs and metrics are. */
    static ApiException clientGone() {
        return of(499, ApiError.INVALID_REQUEST, null, "client_closed_request", "The client has closed the request");
    }

    /** 429: as many wait as may, or it has waited as long as a request may. */
    static ApiException overloaded(String message, Duration retryAfter) {
        var error = new ApiError(message, "overloaded_error", null, "overloaded");
        return new ApiException(429, error, Optional.of(retryAfter), null);
    }

    /** 503: another replica will answer. */
    static ApiException shuttingDown(String message) {
        var error = new ApiError(message, "server_error", null, "shutting_down");
        return new ApiException(503, error, Optional.of(RETRY_AFTER), null);
    }

    /** 500: a failure that the client has no part in. */
    static ApiException internal(Throwable cause) {
        var message = "The server failed on this request: " + cause.getMessage();
        return new ApiException(500, new ApiError(message, "server_error", null, null), Optional.empty(), cause);
    }

    /** Anything that HTTP itself has a status for: no such path, a wrong method or content type. */
    static ApiException http(int status, String message) {
        return of(status, status < 500 ? ApiError.INVALID_REQUEST : "server_error", null, null, message);
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** Body of the answer. */
    public ApiError error() {
        return error;
    }

    /** When to try again. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
