package io.lorikeet.gateway;

import io.lorikeet.contracts.RequestId;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.util.Optional;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * What the log lines of a request are about: a name, in its answer and in the inference service's lines too, which a caller
 * may bring as {@code X-Request-Id}; and the job or the adapter version. Each request has a context of its own in MDC, which
 * ends with it; nothing may be put there from a thread that does not run the request.
 */
public class RequestContext {
    private static final String MDC_KEY = "request_id";

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
        String id = RequestId.of(request.getHeaderString(RequestId.HEADER));
        request.setProperty(MDC_KEY, id);
        MDC.put(MDC_KEY, id);
    }

    @ServerResponseFilter
    void end(ContainerRequestContext request, ContainerResponseContext response) {
        response.getHeaders().putSingle(RequestId.HEADER, request.getProperty(MDC_KEY));
    }
}
