package io.lorikeet.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaRoutes;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.access.Permissions;
import io.lorikeet.gateway.access.TokenMeter;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.Headers;
import io.lorikeet.http.RequestContext;
import io.lorikeet.http.RequestId;
import io.netty.channel.ConnectTimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Calls the inference service. Whoever cancels the call, cancels it over there too. */
@ApplicationScoped
public class InferenceClient {
    /** Streams under way at once; each holds a connection. */
    private static final int CONNECTIONS = 1024;

    /** More than the connections that are likely to be left of a replica that goes away. */
    private static final int RETRIES = 8;

    private static final Duration RETRY_DELAY = Duration.ofMillis(10);
    private static final Duration MAX_RETRY_DELAY = Duration.ofMillis(200);
    private static final int UNAVAILABLE = 503;

    private final Vertx vertx;
    private final HttpClient client;
    private final URI url;
    private final GatewayConfig config;
    private final Permissions permissions;
    private final VersionsOnDemand versions;

    InferenceClient(
            Vertx vertx, InferenceTls tls, GatewayConfig config, Permissions permissions, Checkpoints checkpoints) {
        this.vertx = vertx;
        this.permissions = permissions;
        this.versions = new VersionsOnDemand(checkpoints);
        this.config = config;
        this.url = config.inferenceUrl();
        this.client = tls.client(
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
        return send(options(HttpMethod.GET, path), Buffer.buffer(), TokenMeter.NONE);
    }

    /** Posts a JSON document, which names its {@code model}, if the caller may ask that. */
    public Uni<InferenceAnswer> post(String path, Buffer json) {
        var meter = permissions.ask(json);
        return versions.ask(json, () -> send(document(HttpMethod.POST, path), json, meter), this::give);
    }

    /** The whole answer to a conversation, if the caller may ask for it; fails as the inference service does. */
    public Uni<JsonNode> complete(Buffer json) {
        return post("/v1/chat/completions", json)
                .flatMap(answer -> answer.ok() ? answer.json() : answer.<JsonNode>fail());
    }

    private Uni<InferenceAnswer> give(CheckpointEvent checkpoint) {
        var path = ReplicaRoutes.version(checkpoint.adapter(), checkpoint.version());
        return send(document(HttpMethod.PUT, path), Buffer.buffer(Json.write(checkpoint)), TokenMeter.NONE);
    }

    private RequestOptions document(HttpMethod method, String path) {
        return options(method, path).putHeader("content-type", "application/json");
    }

    private RequestOptions options(HttpMethod method, String path) {
        var options = new RequestOptions()
                .setMethod(method)
                .setAbsoluteURI(url.resolve(path).toString())
                .setIdleTimeout(config.inferenceTimeout().toMillis());
        RequestContext.id().ifPresent(id -> options.putHeader(RequestId.HEADER, id));
        config.inferenceSecret().ifPresent(secret -> options.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + secret));
        return options;
    }

    /**
     * Asks again if a replica was going away: it closed the connection without an answer, or said 503. An answer changes
     * nothing over there, so asking twice does no harm, and nothing has been given to the caller yet.
     */
    private Uni<InferenceAnswer> send(RequestOptions options, Buffer body, TokenMeter meter) {
        var caller = vertx.getOrCreateContext();
        return attempt(caller, options, body, meter, true)
                .onFailure(ReplicaGoneException.class)
                .retry()
                .withBackOff(RETRY_DELAY, MAX_RETRY_DELAY)
                .atMost(RETRIES)
                .onFailure(e -> gone(e))
                .recoverWithUni(() -> attempt(caller, options, body, meter, false))
                .invoke(answer -> answer.header(Headers.ADAPTER)
                        .ifPresent(adapter -> RequestContext.adapter(adapter, answer.header(Headers.VERSION))));
    }

    /** Mutiny wraps the last failure of a retry that has given up. */
    private static boolean gone(Throwable e) {
        return e instanceof ReplicaGoneException || e.getCause() instanceof ReplicaGoneException;
    }

    /** Runs on the caller's context, also when the wait before it was elsewhere: its log lines are about that request. */
    private Uni<InferenceAnswer> attempt(
            Context caller, RequestOptions options, Buffer body, TokenMeter meter, boolean again) {
        return Uni.createFrom()
                .emitter(emitter -> caller.runOnContext(_ -> {
                    var given = new AtomicBoolean();
                    client.request(options)
                            .onFailure(e -> emitter.fail(failure(e, again)))
                            .onSuccess(request -> {
                                emitter.onTermination(() -> {
                                    if (!given.get()) {
                                        request.reset();
                                    }
                                });
                                request.send(body)
                                        .onFailure(e -> {
                                            given.set(true);
                                            emitter.fail(failure(e, again));
                                        })
                                        .onSuccess(response -> {
                                            given.set(true);
                                            if (again && response.statusCode() == UNAVAILABLE) {
                                                InferenceAnswer.drop(request, response);
                                                emitter.fail(new ReplicaGoneException());
                                                return;
                                            }
                                            response.pause();
                                            emitter.complete(new InferenceAnswer(request, response, this, meter));
                                        });
                            });
                }));
    }

    private Throwable failure(Throwable e, boolean again) {
        boolean refusedOrClosed = e instanceof HttpClosedException || e instanceof IOException;
        return again && refusedOrClosed && !(e instanceof ConnectTimeoutException)
                ? new ReplicaGoneException()
                : failure(e);
    }

    /** Another replica may answer. */
    private static final class ReplicaGoneException extends RuntimeException {
        ReplicaGoneException() {
            super("the replica is going away", null, false, false);
        }
    }

    /** What went wrong between here and there, in words. */
    ApiException failure(Throwable e) {
        if (e instanceof TimeoutException) {
            return ApiException.timeout(
                    "the inference service at " + url + " was silent for "
                            + config.inferenceTimeout().toSeconds() + " s",
                    e);
        }
        return ApiException.badGateway("the inference service at " + url + " does not answer: " + e.getMessage(), e);
    }
}
