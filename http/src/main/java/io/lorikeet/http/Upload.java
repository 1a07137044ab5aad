package io.lorikeet.http;

import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/**
 * The body of an upload as its route reads it, no longer than an upload may be. Quarkus' own limit answers without a word, and
 * over HTTP/2 not at all: with a header that belongs to HTTP/1.1.
 */
final class Upload extends InputStream {
    private final RoutingContext context;
    private final Supplier<InputStream> opening;
    private final long maxSize;
    private InputStream body;
    private long read;

    /** @param opening makes the stream of the body, once it is read */
    Upload(RoutingContext context, long maxSize, Supplier<InputStream> opening) {
        this.context = context;
        this.maxSize = maxSize;
        this.opening = opening;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = body().read(into, offset, length);
        read += Math.max(0, count);
        if (read > maxSize) {
            throw ApiException.of(BodyReader.tooLarge(maxSize));
        }
        return count;
    }

    @Override
    public int available() throws IOException {
        return body().available();
    }

    /** Quarkus' stream reads all that is still to come, which of what is too large nobody waits for. */
    @Override
    public void close() throws IOException {
        if (read <= maxSize) {
            body().close();
        } else {
            context.request().handler(_ -> {});
            Door.drop(context);
        }
    }

    private InputStream body() {
        if (body == null) {
            body = opening.get();
        }
        return body;
    }
}
