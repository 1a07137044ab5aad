package io.lorikeet.http;

import java.util.UUID;
import java.util.regex.Pattern;

/** The name by which the services' logs and answers tell one HTTP request from the others. */
public final class RequestId {
    /** Of requests, where a caller may name it, and of answers. */
    public static final String HEADER = "X-Request-Id";

    /** What a log can hold without harm. */
    private static final Pattern SAFE = Pattern.compile("[\\w.:/+=@-]{1,128}");

    private RequestId() {}

    /** What the caller named it, or a name of our own if that is null or no log should hold it. */
    public static String of(String given) {
        return given != null && SAFE.matcher(given).matches()
                ? given
                : UUID.randomUUID().toString();
    }
}
