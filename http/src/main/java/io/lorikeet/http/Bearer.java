package io.lorikeet.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/** Bearer tokens, RFC 6750. */
public final class Bearer {
    private static final String SCHEME = "Bearer ";
    private static final String CHALLENGE = "Bearer realm=\"lorikeet\"";

    private Bearer() {}

    /** The token that a request brings. */
    public static Optional<String> token(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader(HttpHeaders.AUTHORIZATION))
                .filter(header -> header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(header -> header.substring(SCHEME.length()).strip());
    }

    /**
     * Ends a request with 401.
     *
     * @param what it needs
     * @param right what would be right
     */
    public static void unauthorized(RoutingContext context, String what, String right) {
        boolean given = token(context.request()).isPresent();
        refuse(
                context,
                401,
                "invalid_api_key",
                (given ? "this is no valid " + what + "; " : "this needs " + what + "; ") + right,
                given ? ", error=\"invalid_token\"" : "");
    }

    /** Ends a request with 403: its token is right, and not enough. */
    public static void forbidden(RoutingContext context, String code, String message) {
        refuse(context, 403, code, message, ", error=\"insufficient_scope\"");
    }

    private static void refuse(RoutingContext context, int status, String code, String message, String challenge) {
        context.response().putHeader("WWW-Authenticate", CHALLENGE + challenge);
        Door.answer(context, new ApiError(status, message, null, code, List.of(), Optional.empty()));
    }
}
