package io.lorikeet.http;

import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An error answer, whatever its shape on the wire: what was wrong, where, and what would be right.
 *
 * @param status HTTP's
 * @param param parameter of the request that is wrong; null if none is
 * @param code for programs; null if the status says it all
 * @param problems the first few things that were wrong, if the message is made of them
 * @param retryAfter when trying again can help
 */
public record ApiError(
        int status, String message, String param, String code, List<Problem> problems, Optional<Duration> retryAfter) {
    /** Whoever gets more to read than this reads nothing. */
    private static final int LONGEST_MESSAGE = 2_000;

    private static final int MOST_PROBLEMS = 8;

    public ApiError {
        message = shorten(message);
        param = param == null ? null : Shown.name(param);
        problems = problems.stream().limit(MOST_PROBLEMS).map(ApiError::shorten).toList();
    }

    /** One without more than words. */
    public static ApiError of(int status, String message) {
        return new ApiError(status, message, null, code(status), List.of(), Optional.empty());
    }

    /** The status in words. */
    String title() {
        return HttpResponseStatus.valueOf(status).reasonPhrase();
    }

    private static String shorten(String text) {
        if (text.length() <= LONGEST_MESSAGE) {
            return text;
        }
        int cut = LONGEST_MESSAGE - (Character.isHighSurrogate(text.charAt(LONGEST_MESSAGE - 1)) ? 1 : 0);
        return text.substring(0, cut) + "… (" + (text.length() - cut) + " more characters)";
    }

    private static Problem shorten(Problem problem) {
        return new Problem(Shown.name(problem.field()), Shown.sentence(problem.problem()), problem.expected());
    }

    static String code(int status) {
        return switch (status) {
            case 404 -> "not_found";
            case 429 -> "overloaded";
            case 502 -> "bad_gateway";
            case 503 -> "unavailable";
            case 504 -> "timeout";
            default -> null;
        };
    }
}
