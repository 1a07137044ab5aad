package io.lorikeet.inference.api;

import io.lorikeet.contracts.RequestId;
import io.lorikeet.engine.generation.AdapterVersion;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.util.Optional;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * What the log lines of a request are about: the name that its caller gave it, or one of our own, which is in its answer
 * too; and the adapter version that answers. Each request has a context of its own in MDC, which ends with it.
 */
public class RequestContext {
    private static final String MDC_KEY = "request_id";

    /** Its lines are about an adapter from here on. */
    static void asks(String adapter) {
        MDC.put("adapter", adapter);
    }

    /** Its lines are about the version that the engine has pinned it to; none: the base model. */
    static void servedBy(Optional<AdapterVersion> adapter) {
        adapter.ifPresent(pinned -> MDC.put("version", pinned.version()));
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
