package io.lorikeet.gateway.inference;

import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.error.ApiException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Calls the inference service. Whoever cancels the call, cancels it over there too. */
@ApplicationScoped
public class InferenceClient {
    /** Streams under way at once; each holds a connection. */
    private static final int CONNECTIONS = 1024;

    private final HttpClient client;
    private final URI url;
    private final GatewayConfig config;

    InferenceClient(Vertx vertx, GatewayConfig config) {
        this.config = config;
        this.url = config.inferenceUrl();
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setConnectTimeout((int)
                        config.inferenceConnectTimeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS));
    }

    @PreDestroy
    void close() {
        client.close();
    }

    /** Gets a document. */
    public Uni<InferenceAnswer> get(String path) {
        return send(options(HttpMethod.GET, path), Buffer.buffer());
    }

    /** Posts a JSON document. */
    public Uni<InferenceAnswer> post(String path, Buffer json) {
        return send(options(HttpMethod.POST, path).putHeader("content-type", "application/json"), json);
    }

    private RequestOptions options(HttpMethod method, String path) {
        return new RequestOptions()
                .setMethod(method)
                .setAbsoluteURI(url.resolve(path).toString())
                .setIdleTimeout(config.inferenceTimeout().toMillis());
    }

    private Uni<InferenceAnswer> send(RequestOptions options, Buffer body) {
        return Uni.createFrom().emitter(emitter -> {
            var given = new AtomicBoolean();
            client.request(options).onFailure(e -> emitter.fail(failure(e))).onSuccess(request -> {
                emitter.onTermination(() -> {
                    if (!given.get()) {
                        request.reset();
                    }
                });
                request.send(body)
                        .onFailure(e -> {
                            given.set(true);
                            emitter.fail(failure(e));
                        })
                        .onSuccess(response -> {
                            given.set(true);
                            response.pause();
                            emitter.complete(new InferenceAnswer(request, response, this));
                        });
            });
        });
    }

    /** What went wrong between here and there, in words. */
    ApiException failure(Throwable e) {
        if (e instanceof TimeoutException) {
            return ApiException.gatewayTimeout(
                    "the inference service at " + url + " was silent for "
                            + config.inferenceTimeout().toSeconds() + " s",
                    e);
        }
        return ApiException.badGateway("the inference service at " + url + " does not answer: " + e.getMessage(), e);
    }
}
