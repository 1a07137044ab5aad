package io.lorikeet.gateway;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * A name for each request, in its log lines here and in the inference service, and in its answer. A caller may bring its own
 * as {@code X-Request-Id}.
 */
public class RequestId {
    public static final String HEADER = "X-Request-Id";

    private static final String MDC_KEY = "request_id";
    /** What a log can hold without harm. */
    private static final Pattern SAFE = Pattern.compile("[\\w.:/+=@-]{1,128}");

    /** The one of the request that is being served; empty outside of one. */
    public static Optional<String> current() {
        return Optional.ofNullable((String) MDC.get(MDC_KEY));
    }

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
