package io.lorikeet.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Behind a real server, whose one route says yes to whoever comes so far. */
class GatewaysSecretTest {
    private static final String SECRET = "known to gateways";

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void letsInWhoKnowsIt() throws Exception {
        int port = serve(Optional.of(SECRET));

        assertThat(ask(port, "Bearer " + SECRET).statusCode()).isEqualTo(200);
        for (var wrong : new String[] {"Bearer " + SECRET + "x", "Bearer ", "Basic " + SECRET, "x"}) {
            var answer = ask(port, wrong);
            assertThat(answer.statusCode()).as(wrong).isEqualTo(401);
            assertThat(answer.body()).contains("LORIKEET_INFERENCE_SECRET", "authentication_error");
            assertThat(answer.headers().firstValue("www-authenticate").orElseThrow())
                    .startsWith("Bearer ");
        }
    }

    @Test
    void asksNobodyIfThereIsNone() throws Exception {
        assertThat(ask(serve(Optional.empty()), "x").statusCode()).isEqualTo(200);
    }

    private int serve(Optional<String> secret) {
        var router = Router.router(vertx);
        new GatewaysSecret(secret).open(router);
        router.route().handler(context -> context.response().end("yes"));
        return vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "localhost")
                .map(HttpServer::actualPort)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private static HttpResponse<String> ask(int port, String authorization) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/models"))
                    .header("authorization", authorization)
                    .build();
            return client.send(request, BodyHandlers.ofString());
        }
    }
}
