package io.lorikeet.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import java.util.List;

/**
 * RFC 9457.
 *
 * @param detail what was wrong, where, and what would be right
 * @param instance path of the request
 * @param errors the same in parts, if there are several; our extension
 */
public record ProblemDetail(
        String type,
        String title,
        int status,
        String detail,
        String instance,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Problem> errors) {
    /** Media type. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** The same error in this shape. */
    public static ProblemDetail of(ApiError error, String path) {
        return new ProblemDetail(
                "about:blank", error.title(), error.status(), error.message(), Shown.name(path), error.problems());
    }
}
