package io.lorikeet.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.ServiceProcess;
import io.lorikeet.inference.testing.TestModel;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service as a process of its own that is told to stop while it answers. No broker is there. */
class ShutdownIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path temp;

    @Test
    void finishesWhatRunsAndTakesNothingNew() throws Exception {
        try (var service = start(Map.of("QUARKUS_SHUTDOWN_TIMEOUT", "120s"))) {
            var running = ask(service, 4, 50);
            awaitRunning(service);

            service.process().destroy();

            await().atMost(PATIENCE).until(() -> service.output().contains("told to stop"));
            var late = ask(service, 1, 1).getFirst().handle((reply, _) -> reply == null ? 0 : reply.statusCode());
            assertThat(late.join()).as("refused, or nobody is there any more").isIn(503, 0);
            for (var reply : running) {
                assertThat(reply.join().statusCode()).isEqualTo(200);
                assertThat(reply.join().body()).endsWith("data: [DONE]\n\n");
            }
            assertThat(service.ends(60)).isTrue();
        }
    }

    @Test
    void goesWhenTheTimeIsUpAndSaysSoToWhoIsNotDone() throws Exception {
        try (var service = start(Map.of("QUARKUS_SHUTDOWN_TIMEOUT", "500ms"))) {
            var running = ask(service, 200, 190);
            awaitRunning(service);

            service.process().destroy();

            assertThat(service.ends(30)).isTrue();
            assertThat(running).anyMatch(reply -> !complete(reply));
        }
    }

    private static boolean complete(CompletableFuture<HttpResponse<String>> reply) {
        return !reply.isCompletedExceptionally() && reply.join().body().endsWith("data: [DONE]\n\n");
    }

    private ServiceProcess start(Map<String, String> more) throws Exception {
        var environment = new HashMap<>(Map.of(
                "LORIKEET_MODEL", TestModel.create().toAbsolutePath().toString(),
                "LORIKEET_MAX_NUM_SEQS", "1",
                "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"));
        environment.putAll(more);
        var service = ServiceProcess.start(temp, environment);
        await().atMost(PATIENCE).until(() -> service.status("/v1/models") == 200);
        return service;
    }

    private static List<CompletableFuture<HttpResponse<String>>> ask(ServiceProcess service, int requests, int tokens)
            throws Exception {
        var running = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < requests; i++) {
            var body = new HashMap<>(Service.question(TestModel.ID, tokens));
            body.put("stream", true);
            running.add(service.chat(body));
        }
        return running;
    }

    private static void awaitRunning(ServiceProcess service) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> service.get("/q/metrics")
                .contains("lorikeet_num_requests_running 1.0"));
    }
}
