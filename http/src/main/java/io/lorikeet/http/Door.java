package io.lorikeet.http;

import io.lorikeet.contracts.Shown;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
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

    /** Where a service's own checks stand, that a request passes before it has a route or a body. */
    public static final int BEHIND = FIRST + 1;

    private static final long LINGER_MILLIS = 1_000;

    private final HttpConfig config;
    private final AllowedHosts hosts;
    private final WebPages pages;
    private final CorsHandler cors;
    private final long maxUploadSize;
    private final Routes routes;

    Door(
            HttpConfig config,
            Routes routes,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxUploadSize) {
        this.config = config;
        this.routes = routes;
        this.hosts = new AllowedHosts(config.allowedHosts().orElse(List.of()));
        this.pages = new WebPages(config.allowedOrigins().orElse(List.of()));
        this.cors = pages.cors();
        this.maxUploadSize = maxUploadSize.asLongValue();
    }

    void open(@Observes Router router) {
        router.route().order(FIRST).handler(this::enter).failureHandler(this::failed);
        // no route is even looked for if the path is none
        router.errorHandler(HttpResponseStatus.BAD_REQUEST.code(), this::failed);
    }

    private void enter(RoutingContext context) {
        begin(context);
        HungUp.watch(context);
        if (context.request().version() == HttpVersion.HTTP_2) {
            // Quarkus closes the connection of an upload that is too large, in words that HTTP/2 forbids
            context.addHeadersEndHandler(_ -> context.response().headers().remove(HttpHeaders.CONNECTION));
        }
        var refusal = refusal(context.request());
        if (refusal.isPresent()) {
            answer(context, refusal.get());
        } else if (pages.allowsOriginOf(context.request())) {
            cors.handle(context);
        } else {
            context.next();
        }
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
        if (bodyLength(request) > maxBodySize(request)) {
            return Optional.of(BodyReader.tooLarge(maxBodySize(request)));
        }
        if (pages.forbids(request)) {
            return refuse(
                    403,
                    "a web page of another origin may change nothing here; the setting LORIKEET_HTTP_ALLOWED_ORIGINS lists"
                            + " the origins that may");
        }
        if (hasBody(request) && !headers.contains(HttpHeaders.CONTENT_TYPE)) {
            return Optional.of(routes.untyped(request));
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
            answer(context, BodyReader.tooLarge(maxBodySize(context.request())));
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

    private long maxBodySize(HttpServerRequest request) {
        return BodyReader.isInMemory(request) ? config.maxBodySize().asLongValue() : maxUploadSize;
    }

    /** Ends a request with an error in the shape of its path. */
    public static void answer(RoutingContext context, ApiError error) {
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
    static void drop(RoutingContext context) {
        var request = context.request();
        if (!request.isEnded()) {
            request.resume();
            context.vertx().setTimer(LINGER_MILLIS, _ -> {
                if (request.isEnded()) {
                    return;
                }
                if (request.version() == HttpVersion.HTTP_2) {
                    // other requests share its connection; 0: the answer is whole, and the rest of the request not
                    // wanted
                    context.response().reset(0);
                } else {
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

    private static boolean hasBody(HttpServerRequest request) {
        return bodyLength(request) > 0 || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }
}
