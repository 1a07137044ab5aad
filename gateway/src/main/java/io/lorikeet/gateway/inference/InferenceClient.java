package io.lorikeet.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaRoutes;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.access.Permissions;
import io.lorikeet.gateway.access.TokenMeter;
import io.lorikeet.gateway.inference.Trials.End;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.Headers;
import io.lorikeet.http.RequestContext;
import io.lorikeet.http.RequestId;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Calls the inference service: one of its replicas, and another if that one is going, until an answer begins. An answer changes
 * nothing over there, so asking twice does no harm, and nothing has been given to the caller yet. Whoever cancels the call,
 * cancels it over there too.
 */
@ApplicationScoped
public class InferenceClient {
    /** Streams under way at once at a replica; each holds a connection. */
    private static final int CONNECTIONS = 4096;

    private static final int SERVER_ERROR = 500;
    private static final String COMPLETIONS = "/v1/chat/completions";
    private static final Logger LOG = Logger.getLogger(InferenceClient.class);

    private final Vertx vertx;
    private final LoopClients clients;
    private final GatewayConfig config;
    private final Permissions permissions;
    private final Replicas replicas;
    private final ReplicaMetrics metrics;
    private final TypedGuard<Uni<InferenceAnswer>> retries;
    private final VersionsOnDemand versions;
    private final Trials trials;

    InferenceClient(
            Vertx vertx,
            InferenceTls tls,
            GatewayConfig config,
            Permissions permissions,
            Replicas replicas,
            ReplicaMetrics metrics,
            Checkpoints checkpoints,
            Trials trials) {
        this.trials = trials;
        this.vertx = vertx;
        this.permissions = permissions;
        this.config = config;
        this.replicas = replicas;
        this.metrics = metrics;
        this.versions = new VersionsOnDemand(checkpoints);
        this.retries = Breakers.retries(metrics::retried);
        this.clients = new LoopClients(() -> tls.client(
                new HttpClientOptions().setConnectTimeout((int)
                        config.inferenceConnectTimeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS)));
    }

    @PreDestroy
    void close() {
        clients.close();
    }

    /** Gets a document. */
    public Uni<InferenceAnswer> get(String path) {
        return new Call(HttpMethod.GET, path, Buffer.buffer(), Optional.empty(), TokenMeter.NONE, Optional.empty())
                .send();
    }

    /**
     * Posts a JSON document, which names its {@code model}, if the caller may ask that. Of an adapter that has a canary, it may
     * be the canary that answers.
     */
    public Uni<InferenceAnswer> post(String path, Buffer json) {
        var request = CompletionRequest.of(json);
        var meter = permissions.ask(request.models(), json.length());
        var part = trials.part(request, permissions.keyId());
        return part.isEmpty() ? ask(path, request, meter) : tried(path, request, meter, part.get());
    }

    private Uni<InferenceAnswer> tried(String path, CompletionRequest request, TokenMeter meter, Trials.Part part) {
        long began = System.nanoTime();
        return part.canary()
                .map(canary -> ask(path, canary, meter, why -> {
                    LOG.warnf("a canary cannot be asked, the stable version answers: %s", why.getMessage());
                    part.ended(End.FAILED, since(began));
                    return ask(path, request, meter);
                }))
                .orElseGet(() -> ask(path, request, meter))
                .onFailure()
                .invoke(why -> part.ended(end(why), since(began)))
                .invoke(answer -> {
                    if (answer.ok()) {
                        answer.whenEnded(end -> part.ended(end, since(began)));
                    } else {
                        part.ended(end(answer.status()), since(began));
                    }
                });
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static End end(Throwable why) {
        return why instanceof ApiException refusal ? end(refusal.error().status()) : End.FAILED;
    }

    private static End end(int status) {
        return status >= SERVER_ERROR ? End.FAILED : End.NEITHER;
    }

    private Uni<InferenceAnswer> ask(String path, CompletionRequest request, TokenMeter meter) {
        return ask(path, request, meter, why -> Uni.createFrom().failure(why));
    }

    /** @param otherwise what is done if the version that it names cannot be had */
    private Uni<InferenceAnswer> ask(
            String path,
            CompletionRequest request,
            TokenMeter meter,
            Function<Throwable, Uni<InferenceAnswer>> otherwise) {
        var model = request.model();
        // once a replica has answered, it is the one that is given what it lacks, and asked again
        var answering = new AtomicReference<Optional<Replica>>(Optional.empty());
        return versions.ask(
                model,
                () -> new Call(HttpMethod.POST, path, request.json(), model, meter, answering.get())
                        .send()
                        .invoke(answer -> answering.set(Optional.of(answer.replica()))),
                checkpoint -> give(checkpoint, answering.get())
                        .invoke(answer -> answering.set(Optional.of(answer.replica()))),
                otherwise);
    }

    /** The whole answer to a question of the gateway's own; fails as the inference service does. */
    public Uni<JsonNode> completeOwn(Buffer json) {
        return whole(ask(COMPLETIONS, CompletionRequest.of(json), TokenMeter.NONE));
    }

    /** The whole answer to a conversation, if the caller may ask for it; fails as the inference service does. */
    public Uni<JsonNode> complete(Buffer json) {
        return whole(post(COMPLETIONS, json));
    }

    private static Uni<JsonNode> whole(Uni<InferenceAnswer> coming) {
        return coming.flatMap(answer -> answer.ok() ? answer.json() : answer.<JsonNode>fail());
    }

    /** Has a replica check a version as in a swap; fails as it refuses it. */
    public Uni<Void> check(CheckpointEvent checkpoint) {
        return give(checkpoint, Optional.empty())
                .flatMap(answer -> answer.ok() ? answer.wholeBody().replaceWithVoid() : answer.<Void>fail());
    }

    private Uni<InferenceAnswer> give(CheckpointEvent checkpoint, Optional<Replica> to) {
        var path = ReplicaRoutes.version(checkpoint.adapter(), checkpoint.version());
        var body = Buffer.buffer(Json.write(checkpoint));
        return new Call(HttpMethod.PUT, path, body, Optional.empty(), TokenMeter.NONE, to).send();
    }

    /** One request, at as many replicas as it takes. */
    private final class Call {
        private final Context caller = vertx.getOrCreateContext();
        private final Optional<String> requestId = RequestContext.id();
        private final Set<Replica> asked = new HashSet<>();
        private final HttpMethod method;
        private final String path;
        private final Buffer body;
        private final Optional<String> model;
        private final TokenMeter meter;
        private final Optional<Replica> first;

        private volatile Attempt last;
        private volatile boolean cancelled;

        Call(
                HttpMethod method,
                String path,
                Buffer body,
                Optional<String> model,
                TokenMeter meter,
                Optional<Replica> first) {
            this.method = method;
            this.path = path;
            this.body = body;
            this.model = model;
            this.meter = meter;
            this.first = first;
        }

        Uni<InferenceAnswer> send() {
            return Uni.createFrom()
                    .deferred(() -> retries.get(this::attempt))
                    .onFailure()
                    .recoverWithUni(this::lastWord)
                    .emitOn(command -> caller.runOnContext(_ -> command.run()))
                    .invoke(InferenceClient::note)
                    .onCancellation()
                    .invoke(this::cancel);
        }

        private Uni<InferenceAnswer> attempt() {
            if (cancelled) {
                return Uni.createFrom().failure(ApiException.clientGone());
            }
            if (asked.containsAll(replicas.all())) {
                asked.clear();
            }
            var replica = first.filter(_ -> last == null)
                    .or(() -> replicas.choose(model, asked))
                    .orElseThrow();
            asked.add(replica);
            boolean othersLeft = !asked.containsAll(replicas.all());
            var attempt = new Attempt(replica, caller, meter, config.inferenceTimeout(), othersLeft);
            last = attempt;
            return replica.breaker()
                    .get(() -> attempt.send(clients, options(replica), body))
                    .onItem()
                    .invoke(() -> metrics.attempted(replica, "answered"))
                    // the guard does not tell it that its time is over
                    .onFailure(TimeoutException.class)
                    .invoke(attempt::cancel)
                    .onFailure()
                    .invoke(e -> metrics.attempted(replica, outcome(e)));
        }

        private RequestOptions options(Replica replica) {
            var options = replica.endpoint().request(method, path);
            requestId.ifPresent(id -> options.putHeader(RequestId.HEADER, id));
            config.inferenceSecret()
                    .ifPresent(secret -> options.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + secret));
            if (!method.equals(HttpMethod.GET)) {
                options.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
            }
            return options;
        }

        /** An error that a replica has answered with is an answer. */
        private Uni<InferenceAnswer> lastWord(Throwable failure) {
            var answer =
                    failure instanceof AttemptFailure attempt ? attempt.answer() : Optional.<InferenceAnswer>empty();
            return answer.map(it -> Uni.createFrom().item(it)).orElseGet(() -> Uni.createFrom()
                    .failure(AttemptFailure.told(failure, last.replica(), config.inferenceTimeout())));
        }

        private void cancel() {
            cancelled = true;
            var attempt = last;
            if (attempt != null) {
                attempt.cancel();
            }
        }
    }

    private static String outcome(Throwable failure) {
        return switch (failure) {
            case AttemptFailure attempt -> attempt.kind().name().toLowerCase(Locale.ROOT);
            case TimeoutException _ -> "timeout";
            default -> "refused"; // by the circuit breaker, or since the caller is gone
        };
    }

    private static void note(InferenceAnswer answer) {
        answer.header(Headers.REPLICA).ifPresent(RequestContext::replica);
        answer.header(Headers.ADAPTER)
                .ifPresent(adapter -> RequestContext.adapter(adapter, answer.header(Headers.VERSION)));
    }
}
