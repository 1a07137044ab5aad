package io.lorikeet.gateway.inference;

import io.lorikeet.http.ApiException;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/** Why an attempt at a replica has brought no answer, or none that will do if there is a better one. */
final class AttemptFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    /** What it says of the replica, and of the request. */
    enum Kind {
        /** The replica is going or gone: another may answer. */
        GONE,
        /** The replica has no room: another may. */
        BUSY,
        /** The replica has failed: on this request, perhaps, so no other is asked. */
        FAILED
    }

    private final Kind kind;
    private final transient Optional<InferenceAnswer> answer;

    AttemptFailure(Kind kind, ApiException cause) {
        this(kind, Optional.empty(), cause);
    }

    AttemptFailure(Kind kind, InferenceAnswer answer) {
        this(kind, Optional.of(answer), null);
    }

    private AttemptFailure(Kind kind, Optional<InferenceAnswer> answer, ApiException cause) {
        super(kind.name(), cause, false, false);
        this.kind = kind;
        this.answer = answer;
    }

    Kind kind() {
        return kind;
    }

    /** The error that the replica has answered with, if it has. */
    Optional<InferenceAnswer> answer() {
        return answer;
    }

    /** Whether it says that the replica is not well; one that never answers is not. */
    static boolean isOfTheReplica(Throwable failure) {
        return failure instanceof TimeoutException
                || (failure instanceof AttemptFailure attempt && attempt.kind != Kind.BUSY);
    }

    static boolean isToBeTriedElsewhere(Throwable failure) {
        return failure instanceof CircuitBreakerOpenException
                || (failure instanceof AttemptFailure attempt && attempt.kind != Kind.FAILED);
    }

    /** Nobody will read its answer. */
    static void drop(Throwable failure) {
        if (failure instanceof AttemptFailure attempt) {
            attempt.answer.ifPresent(InferenceAnswer::cancel);
        }
    }

    /** It has said nothing for so long. */
    static ApiException silent(Replica replica, Duration timeout, Throwable cause) {
        return ApiException.timeout(
                "the inference service at " + replica + " was silent for " + timeout.toSeconds() + " s", cause);
    }

    /** It asks for a secret, and this gateway's is another. */
    static ApiException unknownHere(Replica replica) {
        return ApiException.badGateway(
                "the inference service at " + replica
                        + " does not let this gateway in: LORIKEET_INFERENCE_SECRET has to be the same for both",
                null);
    }

    /** What the caller is told, where there is no answer to pass on. */
    static ApiException told(Throwable failure, Replica last, Duration timeout) {
        return switch (failure) {
            case AttemptFailure attempt when attempt.getCause() instanceof ApiException told -> told;
            case ApiException told -> told;
            case TimeoutException silent -> silent(last, timeout, silent);
            case CircuitBreakerOpenException open ->
                ApiException.unavailable(
                        "the inference service at " + last + " has failed on its last requests and is given a moment",
                        RETRY_AFTER,
                        open);
            default -> ApiException.internal(failure);
        };
    }
}
