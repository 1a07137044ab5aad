package io.lorikeet.gateway.inference;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.inference.Replica.Health;
import io.lorikeet.http.Headers;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.util.TypeLiteral;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/** Asks a replica whether it takes requests, over connections of its own: those of requests may all be taken. */
@ApplicationScoped
public class ReplicaProbe {
    private static final String PATH = "/replica";
    private static final int UNAUTHORIZED = 401;

    /** What came of it. */
    sealed interface Finding {
        /**
         * It said so, or could not be reached.
         *
         * @param generatedTokens since its start, if it says that
         */
        record Says(Health health, OptionalLong generatedTokens) implements Finding {}

        /** It took the connection, and was silent. */
        record Silent(String why) implements Finding {}
    }

    private final HttpClient client;
    private final Optional<String> secret;
    private final Duration timeout;
    private final TypedGuard<Uni<Finding>> guard;

    ReplicaProbe(InferenceTls tls, GatewayConfig config) {
        this.timeout = config.inferenceProbeTimeout();
        this.secret = config.inferenceSecret();
        int millis = (int) timeout.toMillis();
        this.client = tls.client(new HttpClientOptions().setConnectTimeout(millis), new PoolOptions());
        this.guard = TypedGuard.create(new TypeLiteral<Uni<Finding>>() {})
                .withDescription("inference probe")
                .withTimeout()
                .duration(millis, ChronoUnit.MILLIS)
                .done()
                .build();
    }

    @PreDestroy
    void close() {
        client.close();
    }

    /** Never fails. */
    Uni<Finding> ask(Endpoint endpoint) {
        return guard.get(() -> send(endpoint))
                .onFailure(TimeoutException.class)
                .recoverWithItem(() -> new Finding.Silent("silent for " + timeout.toMillis() + " ms"))
                .onFailure()
                .recoverWithItem(e ->
                        new Finding.Says(new Health.NotReady(String.valueOf(e.getMessage())), OptionalLong.empty()));
    }

    private Uni<Finding> send(Endpoint endpoint) {
        var options = endpoint.request(HttpMethod.GET, PATH).setIdleTimeout(timeout.toMillis() * 2);
        secret.ifPresent(it -> options.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + it));
        return Uni.createFrom().completionStage(() -> client.request(options)
                .compose(request -> request.send())
                .compose(response -> response.body().map(body -> found(response, body)))
                .toCompletionStage());
    }

    /** One that does not know the path is of an earlier version, and takes requests. */
    private static Finding found(HttpClientResponse response, Buffer body) {
        int status = response.statusCode();
        return status < 500 && status != UNAUTHORIZED
                ? new Finding.Says(
                        new Health.Ready(Optional.ofNullable(response.getHeader(Headers.REPLICA))),
                        generatedTokens(body))
                : new Finding.Says(
                        new Health.NotReady(
                                status == UNAUTHORIZED
                                        ? "LORIKEET_INFERENCE_SECRET is not the one that it asks for"
                                        : "it answers " + status),
                        OptionalLong.empty());
    }

    private static OptionalLong generatedTokens(Buffer body) {
        try {
            var tokens = Json.parse(body.getBytes(), "replica").path("generated_tokens");
            return tokens.isIntegralNumber() ? OptionalLong.of(tokens.longValue()) : OptionalLong.empty();
        } catch (ContractException _) {
            return OptionalLong.empty(); // an earlier version
        }
    }
}
