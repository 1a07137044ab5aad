package io.lorikeet.http;

import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.jboss.logging.MDC;

/**
 * What the log lines of a request are about: a name, in its answer and in the lines of the services behind it too, which a
 * caller may bring as {@code X-Request-Id}; and the job or the adapter version. Each request has a context of its own in MDC,
 * which ends with it; nothing may be put there from a thread that does not run the request.
 */
public final class RequestContext {
    private static final String ID = "request_id";

    private RequestContext() {}

    /** The id of the request that is being served; empty outside of one. */
    public static Optional<String> id() {
        return Optional.ofNullable((String) MDC.get(ID));
    }

    /** It was made with an API key of this name. */
    public static void key(String name) {
        MDC.put("key", name);
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

    /** It was answered by this replica of the inference service. */
    public static void replica(String name) {
        MDC.put("replica", name);
    }

    static void begin(RoutingContext request) {
        var id = RequestId.of(request.request().getHeader(RequestId.HEADER));
        MDC.put(ID, id);
        request.response().putHeader(RequestId.HEADER, id);
    }
}
