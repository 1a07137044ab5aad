package io.lorikeet.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/** The end of a response that has begun and cannot be finished: clients take whatever ends as it should for a whole one. */
public final class BrokenResponse {
    /** A reset may overtake what was written before it. */
    private static final long RESET_DELAY_MILLIS = 100;

    private BrokenResponse() {}

    /** Drops the connection, or of HTTP/2, whose connections others share, the stream. */
    public static Future<Void> drop(RoutingContext context) {
        if (context.request().version() != HttpVersion.HTTP_2) {
            return context.request().connection().close();
        }
        Promise<Void> reset = Promise.promise();
        context.vertx().setTimer(RESET_DELAY_MILLIS, _ -> {
            context.response().reset();
            reset.complete();
        });
        return reset.future();
    }
}
