package io.lorikeet.http;

import io.lorikeet.contracts.ContractException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** An answer that is an error. Its shape on the wire is {@link ErrorAnswer}'s business. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ApiError error;

    private ApiException(ApiError error, Throwable cause) {
        super(error.message(), cause);
        this.error = error;
    }

    /** Any error. */
    public static ApiException of(ApiError error) {
        return new ApiException(error, null);
    }

    /** 400: the message breaks its contract. */
    public static ApiException badRequest(ContractException broken) {
        var first = broken.problems().getFirst();
        var param = first.field().isEmpty() ? null : first.field();
        return new ApiException(
                new ApiError(400, broken.getMessage(), param, null, broken.problems(), Optional.empty()), broken);
    }

    /** 400, for want of one parameter's right value. */
    public static ApiException badRequest(String param, String code, String message) {
        return new ApiException(new ApiError(400, message, param, code, List.of(), Optional.empty()), null);
    }

    /** 404. */
    public static ApiException notFound(String detail) {
        return of(ApiError.of(404, detail));
    }

    /** 409: right in itself, but not now. */
    public static ApiException conflict(String detail) {
        return of(ApiError.of(409, detail));
    }

    /** 413. */
    public static ApiException tooLarge(String detail) {
        return of(ApiError.of(413, detail));
    }

    /** 499: nobody is there to read it. */
    public static ApiException clientGone() {
        return of(ApiError.of(HungUp.STATUS, "the client has closed the request"));
    }

    /** 500: a failure that the caller has no part in; its reason is for the log. */
    public static ApiException internal(Throwable cause) {
        var named = RequestContext.id().map(id -> " under request_id " + id).orElse("");
        return new ApiException(
                ApiError.of(500, "the service failed on this request; its log says why" + named), cause);
    }

    /** 502: a part behind the service is away or talks nonsense. */
    public static ApiException badGateway(String detail, Throwable cause) {
        return new ApiException(ApiError.of(502, detail), cause);
    }

    /** 503: it cannot take this now. */
    public static ApiException unavailable(String detail, Duration retryAfter, Throwable cause) {
        return new ApiException(
                new ApiError(503, detail, null, ApiError.code(503), List.of(), Optional.of(retryAfter)), cause);
    }

    /** 504: the service, or a part behind it, was too slow. */
    public static ApiException timeout(String detail, Throwable cause) {
        return new ApiException(ApiError.of(504, detail), cause);
    }

    /** What a part behind the service answered, passed on. */
    public static ApiException passedOn(int status, String detail, Optional<Duration> retryAfter) {
        return of(new ApiError(status, detail, null, ApiError.code(status), List.of(), retryAfter));
    }

    /** What it says. */
    public ApiError error() {
        return error;
    }
}
