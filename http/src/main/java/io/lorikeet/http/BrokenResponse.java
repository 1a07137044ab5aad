package io.lorikeet.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/** The end of a response that has begun and cannot be finished: clients take whatever ends as it should for a whole one. */
public final class BrokenResponse {
    /** A reset may overtake what was written before it, and some clients drop what they have not read when they see the end. */
    private static final long DELAY_MILLIS = 100;

    private BrokenResponse() {}

    /** Drops the connection, or of HTTP/2, whose connections others share, the stream. */
    public static Future<Void> drop(RoutingContext context) {
        Promise<Void> dropped = Promise.promise();
        context.vertx().setTimer(DELAY_MILLIS, _ -> {
            if (context.request().version() == HttpVersion.HTTP_2) {
                context.response().reset();
                dropped.complete();
            } else {
                context.request().connection().close().onComplete(dropped);
            }
        });
        return dropped.future();
    }
}
