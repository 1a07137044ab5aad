package io.lorikeet.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestContext;
import org.jboss.resteasy.reactive.server.vertx.VertxInputStream;

/**
 * Reads a body before a route is looked for, whatever the version of HTTP and whether or not it says how long it is: no larger
 * than a body may be, no more than the memory of all of them holds, and for no longer than a body may take. Uploads are read by
 * their routes, as an {@link Upload}, and not into memory.
 *
 * <p>Vert.x' own handler of bodies cannot do it: Quarkus pauses each request once more, and one of HTTP/2 that has been read
 * then fails.
 */
public final class BodyReader {
    private static final Logger LOG = Logger.getLogger(BodyReader.class);
    private static final Set<HttpMethod> WITHOUT_BODY =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.TRACE, HttpMethod.CONNECT);

    /** Types of bodies that a route reads itself, and not into memory. */
    private static final List<String> UPLOADS = List.of("multipart/", "application/octet-stream", "application/zip");

    private static final int MIB = 1 << 20;
    private static final String CONTINUE = "100-continue";

    /** Bodies are small, and answers short: what holds the memory now does so for a moment, or until its time is up. */
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final BodyBudget budget;
    private final Routes routes;
    private final long maxSize;
    private final long maxUploadSize;
    private final Duration timeout;

    BodyReader(
            BodyBudget budget,
            HttpConfig config,
            Routes routes,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxUploadSize) {
        this.budget = budget;
        this.routes = routes;
        this.maxSize = config.maxBodySize().asLongValue();
        this.maxUploadSize = maxUploadSize.asLongValue();
        this.timeout = config.bodyTimeout();
    }

    /** Whether the body belongs into memory. */
    static boolean isInMemory(HttpServerRequest request) {
        var type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return !WITHOUT_BODY.contains(request.method())
                && (type == null || UPLOADS.stream().noneMatch(type.toLowerCase(Locale.ROOT)::startsWith));
    }

    /** Goes on with null when the body is there. */
    @ServerRequestFilter(preMatching = true)
    public Uni<Response> read(ResteasyReactiveContainerRequestContext request) {
        var server = (ResteasyReactiveRequestContext) request.getServerRequestContext();
        var context = server.unwrap(RoutingContext.class);
        if (!isInMemory(context.request())) {
            if (!WITHOUT_BODY.contains(context.request().method())) {
                context.remove(VertxInputStream.MAX_REQUEST_SIZE_KEY);
                request.setEntityStream(new Upload(
                        context, maxUploadSize, () -> server.serverRequest().createInputStream()));
            }
            return Uni.createFrom().nullItem();
        }
        return Uni.createFrom()
                .<Buffer>emitter(emitter -> new Reading(context, emitter).begin())
                .invoke(body -> request.setEntityStream(new ByteArrayInputStream(body.getBytes())))
                .replaceWith((Response) null);
    }

    /** What a body that is larger than that is answered with. */
    static ApiError tooLarge(long maxSize) {
        var limit = maxSize % MIB == 0 ? maxSize / MIB + " MiB" : maxSize + " bytes";
        return ApiError.of(413, "the body is larger than the " + limit + " that a request may have");
    }

    private final class Reading implements Handler<Buffer> {
        private final RoutingContext context;
        private final UniEmitter<? super Buffer> emitter;
        private final BodyBudget.Share share = budget.share();
        private Buffer body = Buffer.buffer();
        private long timer;
        private boolean over;

        Reading(RoutingContext context, UniEmitter<? super Buffer> emitter) {
            this.context = context;
            this.emitter = emitter;
        }

        void begin() {
            var request = context.request();
            // however the request ends
            context.addEndHandler(_ -> stop());
            if (request.isEnded()) {
                end();
                return;
            }
            timer = context.vertx().setTimer(timeout.toMillis(), _ -> refuse(late()));
            if (CONTINUE.equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
                context.response().writeContinue();
            }
            request.exceptionHandler(this::broken).handler(this).endHandler(_ -> end());
            request.resume();
        }

        @Override
        public void handle(Buffer chunk) {
            if (over) {
                return;
            }
            if (body.length() + chunk.length() > maxSize) {
                refuse(ApiException.of(tooLarge(maxSize)));
            } else if (!share.take(chunk.length())) {
                refuse(ApiException.unavailable(
                        "the bodies of other requests take all the memory that there is for them; try again",
                        RETRY,
                        null));
            } else {
                body.appendBuffer(chunk);
            }
        }

        private void end() {
            if (over) {
                return;
            }
            over = true;
            context.vertx().cancelTimer(timer);
            var whole = body;
            body = null;
            var request = context.request();
            if (whole.length() > 0 && !request.headers().contains(HttpHeaders.CONTENT_TYPE)) {
                emitter.fail(ApiException.of(routes.untyped(request)));
            } else {
                emitter.complete(whole);
            }
        }

        /** The client is gone, or speaks no HTTP any more: there is nobody to answer. */
        private void broken(Throwable failure) {
            if (!over) {
                LOG.debugf("request %s ended half-way: %s", RequestContext.id().orElse(""), failure.getMessage());
                stop();
                emitter.fail(ApiException.clientGone());
            }
        }

        private void refuse(ApiException refusal) {
            if (!over) {
                stop();
                emitter.fail(refusal);
                Door.drop(context);
            }
        }

        private void stop() {
            over = true;
            body = null;
            context.vertx().cancelTimer(timer);
            share.giveBack();
        }

        private ApiException late() {
            return ApiException.of(ApiError.of(408, "the body was not here after " + timeout.toSeconds() + " s"));
        }
    }
}
