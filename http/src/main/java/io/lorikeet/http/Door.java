package io.lorikeet.http;

import io.lorikeet.contracts.Shown;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What each request passes before any route: it gets its id, and what no route should see is refused. */
@ApplicationScoped
public class Door {
    /** Before Quarkus' own limit of the body, whose answer is empty. */
    private static final int FIRST = -1_000;

    private static final long LINGER_MILLIS = 1_000;
    private static final String JSON = "application/json";

    private final HttpConfig config;
    private final AllowedHosts hosts;
    private final WebPages pages;
    private final CorsHandler cors;
    private final BodyHandler bodies;
    private final long maxBodySize;
    private final Routes routes;

    Door(
            HttpConfig config,
            Routes routes,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxBodySize) {
        this.config = config;
        this.routes = routes;
        this.hosts = new AllowedHosts(config.allowedHosts().orElse(List.of()));
        this.pages = new WebPages(config.allowedOrigins().orElse(List.of()));
        this.cors = pages.cors();
        this.maxBodySize = maxBodySize.asLongValue();
        this.bodies = BodyHandler.create(false).setBodyLimit(this.maxBodySize);
    }

    void open(@Observes Router router) {
        router.route().order(FIRST).handler(this::enter).failureHandler(this::failed);
        // no route is even looked for if the path is none
        router.errorHandler(HttpResponseStatus.BAD_REQUEST.code(), this::failed);
        router.route().order(FIRST + 1).handler(this::read);
        router.route().order(FIRST + 2).handler(Door::keepEmpty);
    }

    private void enter(RoutingContext context) {
        begin(context);
        var refusal = refusal(context.request());
        if (refusal.isPresent()) {
            answer(context, refusal.get());
        } else if (pages.allowsOriginOf(context.request())) {
            cors.handle(context);
        } else {
            context.next();
        }
    }

    /** A body that does not say how long it is can only be measured by reading it. */
    private void read(RoutingContext context) {
        if (isUnmeasuredJson(context.request())) {
            bodies.handle(context);
        } else {
            context.next();
        }
    }

    /** Quarkus reads a body once more that was read and is empty. */
    private static void keepEmpty(RoutingContext context) {
        if (isUnmeasuredJson(context.request())
                && context.body().buffer() == null
                && context instanceof RoutingContextInternal read) {
            read.setBody(Buffer.buffer());
        }
        context.next();
    }

    private void begin(RoutingContext context) {
        RequestContext.begin(context);
        var path = path(context);
        boolean page = config.documentation().filter(path::startsWith).isPresent();
        SecurityHeaders.add(context.response().headers(), page);
    }

    private Optional<ApiError> refusal(HttpServerRequest request) {
        var headers = request.headers();
        if (request.authority() == null || headers.getAll(HttpHeaders.HOST).size() > 1) {
            return refuse(400, "a request names the host that it asks: send one Host header");
        }
        if (!hosts.allows(request.authority())) {
            return refuse(
                    421,
                    "this service is not called "
                            + Shown.name(request.authority().host())
                            + "; ask for localhost, for its IP address, or for a name that its setting"
                            + " LORIKEET_HTTP_ALLOWED_HOSTS lists");
        }
        if (request.uri().length() > config.maxUriLength()) {
            return refuse(414, "the address is longer than " + config.maxUriLength() + " characters");
        }
        if (length(request) > config.maxHeaderLength()) {
            return refuse(
                    431,
                    "the header fields are longer than " + config.maxHeaderLength() + " characters, taken together");
        }
        if (bodyLength(request) > maxBodySize) {
            return Optional.of(tooLarge());
        }
        if (pages.forbids(request)) {
            return refuse(
                    403,
                    "a web page of another origin may change nothing here; the setting LORIKEET_HTTP_ALLOWED_ORIGINS lists"
                            + " the origins that may");
        }
        if (hasBody(request) && !headers.contains(HttpHeaders.CONTENT_TYPE)) {
            return refuse(415, routes.wrongType(request.path(), request.method().name(), null));
        }
        return Optional.empty();
    }

    /** What goes wrong where no route's own mapper sees it: before one is found, while the body is read, in a handler. */
    private void failed(RoutingContext context) {
        if (context.response().headWritten()) {
            context.response().reset();
            return;
        }
        begin(context);
        var status = context.statusCode();
        if (status == HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE.code()) {
            answer(context, tooLarge());
        } else if (status >= 400 && status < 500) {
            answer(context, ApiError.of(status, "the request is not one that HTTP allows: " + word(context, status)));
        } else {
            var exception = ApiException.internal(context.failure());
            ErrorMapper.log(exception);
            answer(context, exception.error());
        }
    }

    private static String word(RoutingContext context, int status) {
        return context.request().authority() == null
                ? "its Host header is missing or is no host"
                : HttpResponseStatus.valueOf(status).reasonPhrase();
    }

    private ApiError tooLarge() {
        return ApiError.of(
                413, "the body is larger than the " + maxBodySize / (1 << 20) + " MiB that a request may have");
    }

    private static void answer(RoutingContext context, ApiError error) {
        var answer = ErrorAnswer.of(error, path(context));
        var response = context.response().setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        response.end(answer.body());
        drop(context);
    }

    /**
     * Reads what is still to come of the body, for a while: a connection that is closed at once takes the answer with it, and
     * one that is kept makes the next request wait.
     */
    private static void drop(RoutingContext context) {
        var request = context.request();
        if (!request.isEnded()) {
            request.resume();
            context.vertx().setTimer(LINGER_MILLIS, _ -> {
                // other requests share a connection of HTTP/2
                if (!request.isEnded() && request.version() != HttpVersion.HTTP_2) {
                    request.connection().close();
                }
            });
        }
    }

    private static String path(RoutingContext context) {
        try {
            return context.normalizedPath();
        } catch (IllegalArgumentException _) {
            // a path that is none has no normal form
            return String.valueOf(context.request().path());
        }
    }

    private static Optional<ApiError> refuse(int status, String message) {
        return Optional.of(ApiError.of(status, message));
    }

    private static int length(HttpServerRequest request) {
        int length = 0;
        for (var field : request.headers()) {
            length += field.getKey().length() + field.getValue().length();
        }
        return length;
    }

    private static long bodyLength(HttpServerRequest request) {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException _) {
            return Long.MAX_VALUE;
        }
    }

    private static boolean isUnmeasuredJson(HttpServerRequest request) {
        var type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) && type != null && type.startsWith(JSON);
    }

    private static boolean hasBody(HttpServerRequest request) {
        return bodyLength(request) > 0 || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }
}
