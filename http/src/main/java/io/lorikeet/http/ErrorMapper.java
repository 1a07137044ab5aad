package io.lorikeet.http;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Shown;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestContext;

/** Words every error that a route ends with. */
public final class ErrorMapper {
    private static final Logger LOG = Logger.getLogger(ErrorMapper.class);
    /** What Quarkus REST says of a form that breaks off; it has no type for it. */
    private static final String NOT_WHOLE = "Connection terminated parsing multipart request";

    private final HttpConfig config;
    private final Routes routes;

    ErrorMapper(HttpConfig config, Routes routes) {
        this.config = config;
        this.routes = routes;
    }

    /** {@link NotFoundException} has a mapper of Quarkus' own in its development mode. */
    @ServerExceptionMapper
    Response map(NotFoundException failure, ContainerRequestContext request) {
        return answer(failure, request);
    }

    @ServerExceptionMapper
    Response map(Throwable failure, ContainerRequestContext request) {
        return answer(failure, request);
    }

    private Response answer(Throwable failure, ContainerRequestContext request) {
        if (isClosed(request)) {
            return Response.status(HungUp.STATUS).build();
        }
        var exception = toApi(failure, request);
        log(exception);
        var answer = ErrorAnswer.of(exception.error(), request.getUriInfo().getPath());
        var response = Response.status(answer.status()).entity(answer.body().getBytes());
        answer.headers().forEach(response::header);
        if (failure instanceof NotAllowedException) {
            response.header(HttpHeaders.ALLOW, allowed(request));
        }
        return response.build();
    }

    /** A request may fail on a thread where nothing is scoped to it any more. */
    private static boolean isClosed(ContainerRequestContext request) {
        var context = ((ResteasyReactiveContainerRequestContext) request).getServerRequestContext();
        return ((ResteasyReactiveRequestContext) context)
                .unwrap(RoutingContext.class)
                .response()
                .closed();
    }

    private ApiException toApi(Throwable failure, ContainerRequestContext request) {
        var path = Shown.name(request.getUriInfo().getPath());
        return switch (failure) {
            case ApiException api -> api;
            case ContractException broken -> ApiException.badRequest(broken);
            case NotFoundException _ -> ApiException.notFound("there is nothing at " + path + documented());
            case NotAllowedException _ ->
                ApiException.of(ApiError.of(
                        405, path + " does not take " + request.getMethod() + "; it takes " + allowed(request)));
            case NotAcceptableException _ ->
                ApiException.of(ApiError.of(
                        406,
                        "there is no answer in a media type that the Accept header lists; ask for application/json, or"
                                + " for text/event-stream where an answer is streamed"));
            case NotSupportedException _ ->
                ApiException.of(ApiError.of(
                        415,
                        routes.wrongType(
                                request.getUriInfo().getPath(),
                                request.getMethod(),
                                request.getHeaderString(HttpHeaders.CONTENT_TYPE))));
            case WebApplicationException web -> {
                var status = web.getResponse().getStatus();
                yield ApiException.of(ApiError.of(status, "the request cannot be read"));
            }
            case IOException form
            when NOT_WHOLE.equals(form.getMessage()) ->
                ApiException.of(ApiError.of(
                        400, "the form ends before its last boundary, which is to be the one that content-type names"));
            default -> ApiException.internal(failure);
        };
    }

    /** What is not the caller's fault; one that comes too late, or to a replica that goes, is no defect. */
    public static void log(ApiException exception) {
        var error = exception.error();
        if (error.status() == 500) {
            LOG.errorf(exception.getCause(), "answered 500: %s", error.message());
        } else if (error.status() > 500) {
            LOG.warnf("answered %d: %s", error.status(), error.message());
        }
    }

    private String documented() {
        return config.documentation()
                .map(at -> "; " + at + " lists what there is")
                .orElse("");
    }

    private String allowed(ContainerRequestContext request) {
        return String.join(", ", routes.methods(request.getUriInfo().getPath()));
    }
}
