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
 * What the log lines of a request are about: a name, in its answer and in the inference service's lines too, which a caller
 * may bring as {@code X-Request-Id}; and the job or the adapter version. Each request has a context of its own in MDC, which
 * ends with it; nothing may be put there from a thread that does not run the request.
 */
public class RequestContext {
    public static final String HEADER = "X-Request-Id";

    private static final String MDC_KEY = "request_id";
    /** What a log can hold without harm. */
    private static final Pattern SAFE = Pattern.compile("[\\w.:/+=@-]{1,128}");

    /** The id of the request that is being served; empty outside of one. */
    public static Optional<String> id() {
        return Optional.ofNullable((String) MDC.get(MDC_KEY));
    }

    /** It is about a training job. */
    public static void job(String jobId, String adapter) {
        MDC.put("job_id", jobId);
        if (adapter != null) {
            MDC.put("adapter", adapter);
        }
    }

    /** It is about an adapter, in this version if one is known. */
    public static void adapter(String name, Optional<String> version) {
        MDC.put("adapter", name);
        version.ifPresent(known -> MDC.put("version", known));
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
