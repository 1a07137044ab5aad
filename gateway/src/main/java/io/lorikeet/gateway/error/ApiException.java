package io.lorikeet.gateway.error;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import jakarta.ws.rs.core.Response.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** An answer that is an error. Its shape on the wire is {@link ErrorMapper}'s business. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Status status;
    private final transient List<Problem> problems;
    private final transient Optional<Duration> retryAfter;

    private ApiException(
            Status status, String detail, List<Problem> problems, Optional<Duration> retryAfter, Throwable cause) {
        super(detail, cause);
        this.status = status;
        this.problems = List.copyOf(problems);
        this.retryAfter = retryAfter;
    }

    /** 400: the message breaks its contract. */
    public static ApiException badRequest(ContractException broken) {
        return new ApiException(Status.BAD_REQUEST, broken.getMessage(), broken.problems(), Optional.empty(), broken);
    }

    /** 404. */
    public static ApiException notFound(String detail) {
        return of(Status.NOT_FOUND, detail);
    }

    /** 409: right in itself, but not now. */
    public static ApiException conflict(String detail) {
        return of(Status.CONFLICT, detail);
    }

    /** 413. */
    public static ApiException tooLarge(String detail) {
        return of(Status.REQUEST_ENTITY_TOO_LARGE, detail);
    }

    /** 502: a part behind the gateway is away or talks nonsense. */
    public static ApiException badGateway(String detail, Throwable cause) {
        return new ApiException(Status.BAD_GATEWAY, detail, List.of(), Optional.empty(), cause);
    }

    /** 503: a part behind the gateway cannot take this now. */
    public static ApiException unavailable(String detail, Duration retryAfter, Throwable cause) {
        return new ApiException(Status.SERVICE_UNAVAILABLE, detail, List.of(), Optional.of(retryAfter), cause);
    }

    /** 504: a part behind the gateway was too slow. */
    public static ApiException gatewayTimeout(String detail, Throwable cause) {
        return new ApiException(Status.GATEWAY_TIMEOUT, detail, List.of(), Optional.empty(), cause);
    }

    /** What a part behind the gateway answered, passed on. */
    public static ApiException passedOn(int status, String detail, Optional<Duration> retryAfter) {
        var known = Status.fromStatusCode(status);
        return new ApiException(known == null ? Status.BAD_GATEWAY : known, detail, List.of(), retryAfter, null);
    }

    private static ApiException of(Status status, String detail) {
        return new ApiException(status, detail, List.of(), Optional.empty(), null);
    }

    /** HTTP status. */
    public Status status() {
        return status;
    }

    /** Each thing that was wrong with the request, if the detail is made of them. */
    public List<Problem> problems() {
        return problems;
    }

    /** When trying again can help. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
