package io.lorikeet.gateway.inference;

import io.vertx.core.http.HttpClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * A client for each event loop. The pool of one that all share hands out the connection that was free last, whichever loop
 * reads it, and each part of a request and of its answer then goes from one thread to another and back, which on a busy machine
 * takes longer than all else that a gateway does with it.
 */
final class LoopClients implements AutoCloseable {
    private final List<HttpClient> all = new CopyOnWriteArrayList<>();
    private final ThreadLocal<HttpClient> here;

    LoopClients(Supplier<HttpClient> maker) {
        this.here = ThreadLocal.withInitial(() -> {
            var client = maker.get();
            all.add(client);
            return client;
        });
    }

    /** The one of the event loop that asks. */
    HttpClient get() {
        return here.get();
    }

    @Override
    public void close() {
        all.forEach(HttpClient::close);
    }
}
