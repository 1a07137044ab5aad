package io.lorikeet.http;

import io.vertx.core.MultiMap;

/** What browsers are told about every answer: take it for what it says it is, show it in nobody's frame, load nothing. */
final class SecurityHeaders {
    private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

    /** Swagger UI starts with a script in its page. */
    private static final String OWN_SCRIPTS = "default-src 'self'; script-src 'self' 'unsafe-inline';"
            + " style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

    private SecurityHeaders() {}

    /** @param page whether it is one for people */
    static void add(MultiMap headers, boolean page) {
        headers.set("Content-Security-Policy", page ? OWN_SCRIPTS : NOTHING)
                .set("X-Content-Type-Options", "nosniff")
                .set("X-Frame-Options", "DENY")
                .set("Referrer-Policy", "no-referrer")
                .set("Cross-Origin-Resource-Policy", "same-origin");
    }
}
