package io.lorikeet.inference.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** The name that the caller gave a request, in its log lines and in its answer; one of our own if it gave none. */
public class RequestId {
    private static final String HEADER = "X-Request-Id";

    private static final String MDC_KEY = "request_id";
    /** What a log can hold without harm. */
    private static final Pattern SAFE = Pattern.compile("[\\w.:/+=@-]{1,128}");

    @ServerRequestFilter(preMatching = true)
    void begin(ContainerRequestContext request) {
        String given = request.getHeaderString(HEADER);
        String id = given != null && SAFE.matcher(given).matches()
                ? given
                : UUID.randomUUID().toString();
        request.setProperty(MDC_KEY, id);
        MDC.put(MDC_KEY, id);
    }

    @ServerResponseFilter
    void end(ContainerRequestContext request, ContainerResponseContext response) {
        response.getHeaders().putSingle(HEADER, request.getProperty(MDC_KEY));
    }
}
