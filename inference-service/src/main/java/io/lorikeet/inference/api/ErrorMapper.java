package io.lorikeet.inference.api;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import org.jboss.logging.Logger;

/** Every error of the service, in OpenAI's shape. */
@Provider
public class ErrorMapper implements ExceptionMapper<Throwable> {
    private static final Logger LOG = Logger.getLogger(ErrorMapper.class);

    @Override
    public Response toResponse(Throwable failure) {
        var exception = toApi(failure);
        log(exception);
        var response = Response.status(exception.status())
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(exception.error().body());
        exception.retryAfter().ifPresent(after -> response.header(HttpHeaders.RETRY_AFTER, after.toSeconds()));
        return response.build();
    }

    /** What is not the client's fault; one that comes too late, or to a replica that goes, is no defect. */
    static void log(ApiException exception) {
        if (exception.status() > 500) {
            LOG.warnf("answered %d: %s", exception.status(), exception.getMessage());
        } else if (exception.status() == 500) {
            LOG.errorf(exception, "answered 500: %s", exception.getMessage());
        }
    }

    private static ApiException toApi(Throwable failure) {
        return switch (failure) {
            case ApiException api -> api;
            case WebApplicationException http ->
                ApiException.http(http.getResponse().getStatus(), http.getMessage());
            default -> ApiException.internal(failure);
        };
    }
}
