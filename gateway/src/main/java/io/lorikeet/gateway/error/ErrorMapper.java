package io.lorikeet.gateway.error;

import io.lorikeet.contracts.ContractException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every error of the gateway: OpenAI's shape under its paths, problem details elsewhere. */
public final class ErrorMapper {
    private static final Logger LOG = Logger.getLogger(ErrorMapper.class);

    @ServerExceptionMapper
    Response map(NotFoundException e, UriInfo uri) {
        return answer(
                ApiException.notFound("there is nothing at " + uri.getPath() + "; /docs lists what there is"), uri);
    }

    @ServerExceptionMapper
    Response map(Throwable failure, UriInfo uri) {
        return answer(toApi(failure), uri);
    }

    private static ApiException toApi(Throwable failure) {
        return switch (failure) {
            case ApiException api -> api;
            case ContractException broken -> ApiException.badRequest(broken);
            case WebApplicationException web ->
                ApiException.passedOn(web.getResponse().getStatus(), web.getMessage(), Optional.empty());
            default -> {
                LOG.error("an error that nobody expected", failure);
                yield ApiException.passedOn(500, "the gateway failed: " + failure, Optional.empty());
            }
        };
    }

    private static Response answer(ApiException error, UriInfo uri) {
        var path = uri.getPath();
        if (error.status().getStatusCode() >= 500) {
            LOG.warnf("%s answered %d: %s", path, error.status().getStatusCode(), error.getMessage());
        }
        var response = Response.status(error.status());
        error.retryAfter().ifPresent(wait -> response.header(HttpHeaders.RETRY_AFTER, wait.toSeconds()));
        if (speaksOpenAi(path)) {
            return response.type(MediaType.APPLICATION_JSON_TYPE)
                    .entity(OpenAiError.of(error))
                    .build();
        }
        return response.type(ProblemDetail.MEDIA_TYPE)
                .entity(ProblemDetail.of(error, path))
                .build();
    }

    private static boolean speaksOpenAi(String path) {
        return path.startsWith("/v1/chat") || path.startsWith("/v1/models");
    }
}
