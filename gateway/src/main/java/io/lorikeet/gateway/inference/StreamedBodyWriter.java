package io.lorikeet.gateway.inference;

import io.lorikeet.http.BrokenResponse;
import io.lorikeet.http.RequestContext;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.concurrent.Flow.Subscription;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/** Writes a {@link StreamedBody} at the client's pace, and stops it when the client is gone. */
@Provider
public class StreamedBodyWriter implements ServerMessageBodyWriter<StreamedBody> {
    private static final Logger LOG = Logger.getLogger(StreamedBodyWriter.class);

    @Override
    public boolean isWriteable(Class<?> type, Type genericType, ResteasyReactiveResourceInfo target, MediaType media) {
        return type == StreamedBody.class;
    }

    @Override
    public boolean isWriteable(Class<?> type, Type genericType, Annotation[] annotations, MediaType media) {
        return type == StreamedBody.class;
    }

    @Override
    public void writeResponse(StreamedBody body, Type genericType, ServerRequestContext context) {
        var request = (ResteasyReactiveRequestContext) context;
        request.suspend();
        var response = context.serverResponse().setChunked(true);
        body.chunks().subscribe().withSubscriber(new Writer(request, response));
    }

    @Override
    public void writeTo(
            StreamedBody body,
            Class<?> type,
            Type genericType,
            Annotation[] annotations,
            MediaType media,
            MultivaluedMap<String, Object> headers,
            OutputStream out) {
        throw new UnsupportedOperationException("streamed bodies are written asynchronously");
    }

    private static final class Writer implements MultiSubscriber<Buffer> {
        private final ResteasyReactiveRequestContext request;
        private final ServerHttpResponse response;
        private Subscription subscription;

        Writer(ResteasyReactiveRequestContext request, ServerHttpResponse response) {
            this.request = request;
            this.response = response;
        }

        @Override
        public void onSubscribe(Subscription upstream) {
            subscription = upstream;
            response.addCloseHandler(upstream::cancel);
            upstream.request(1);
        }

        @Override
        public void onItem(Buffer chunk) {
            response.write(chunk.getBytes(), failure -> {
                if (failure == null) {
                    subscription.request(1);
                } else {
                    subscription.cancel();
                }
            });
        }

        @Override
        public void onFailure(Throwable failure) {
            // half an answer must not look like a whole one: the connection breaks
            LOG.warnf(
                    "the streamed answer to request %s broke off: %s",
                    RequestContext.id().orElse("without id"), failure.getMessage());
            BrokenResponse.drop(request.unwrap(RoutingContext.class)).onComplete(_ -> request.resume());
        }

        @Override
        public void onCompletion() {
            response.end();
            request.resume();
        }
    }
}
