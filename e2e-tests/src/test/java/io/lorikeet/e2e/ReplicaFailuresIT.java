package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.stack.LocalStack;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.stack.RestartPolicy;
import io.lorikeet.cli.stack.StackListener;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaRoutes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients of the gateway see of replicas that fail, two of them behind it. */
@Timeout(value = 5, unit = MINUTES)
class ReplicaFailuresIT {
    private static final String REPLICA = "X-Lorikeet-Replica";
    private static final String VERSION = "X-Lorikeet-Version";

    /** Who is killed is soon there again, and never given up. */
    private static final RestartPolicy RESTARTS =
            new RestartPolicy(Duration.ofMillis(100), Duration.ofMillis(100), Duration.ofSeconds(5), 20);

    private static final String SHORT = """
            {"model": "fledgling", "max_tokens": 4, "temperature": 0, "messages": [{"role": "user", "content": "你是谁?"}]}""";

    /** An answer that cannot be over soon. */
    private static final String LONG = """
            {"model": "fledgling", "max_tokens": 400, "temperature": 0, "stream": true,
             "messages": [{"role": "user", "content": "1 2 3"}],
             "response_format": {"type": "json_schema", "json_schema": {"name": "numbers", "strict": true, "schema":
               {"type": "array", "items": {"type": "integer"}, "minItems": 300}}}}""";

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static LocalStack stack;

    @BeforeAll
    static void start() throws IOException {
        ProjectHome home = ProjectHome.current();
        Path state = Files.createTempDirectory(Files.createDirectories(Path.of("target/states")), "replicas ");
        stack = LocalStack.start(
                new StackOptions(
                        home,
                        state,
                        home.defaultModel(),
                        PortPlan.free(),
                        2,
                        StackOptions.DEFAULT_ADAPTER,
                        StackOptions.START_TIMEOUT),
                StackListener.silent(),
                RESTARTS);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void anAnswerThatHasBegunBreaksWithItsReplicaAndIsNotGivenTwice() throws Exception {
        awaitBothAnswer();
        HttpResponse<InputStream> answer = HTTP.send(question(stack.gateway(), LONG), BodyHandlers.ofInputStream());
        ManagedProcess replica = replica(answer);
        double before = requests(other(replica));
        try (InputStream body = answer.body()) {
            String begun = new String(body.readNBytes(200), StandardCharsets.UTF_8);
            replica.kill();

            var rest = new StringBuilder(begun);
            assertThatThrownBy(() -> read(body, rest)).isInstanceOf(IOException.class);
            assertThat(rest.toString())
                    .containsOnlyOnce("event: error")
                    .containsOnlyOnce("\"role\":\"assistant\"")
                    .doesNotContain("[DONE]");
        }
        assertThat(requests(other(replica)))
                .as("requests that the other replica got")
                .isEqualTo(before);
    }

    @Test
    void anotherReplicaAnswersIfOneDiesBeforeTheFirstToken() throws Exception {
        awaitBothAnswer();
        ManagedProcess replica = replica(HTTP.send(question(stack.gateway(), LONG), BodyHandlers.ofString()));
        double before = requests(other(replica));
        Signals.send("STOP", replica);

        CompletableFuture<HttpResponse<String>> answer =
                HTTP.sendAsync(question(stack.gateway(), LONG), BodyHandlers.ofString());
        Await.until("the frozen replica has the request", () -> outstanding(replica) > 0);
        replica.kill();

        assertThat(answer.get().statusCode()).isEqualTo(200);
        assertThat(answer.get().body()).containsOnlyOnce("[DONE]").containsOnlyOnce("\"role\":\"assistant\"");
        assertThat(replica(answer.get()).spec().name())
                .isEqualTo(other(replica).spec().name());
        Await.until("it has answered once", () -> requests(other(replica)) == before + 1);
    }

    @Test
    void aFrozenReplicaKeepsNobodyWaitingForLong() throws Exception {
        awaitBothAnswer();
        ManagedProcess replica = replica(HTTP.send(question(stack.gateway(), SHORT), BodyHandlers.ofString()));
        Signals.send("STOP", replica);
        try {
            long begin = System.nanoTime();
            HttpResponse<String> answer = HTTP.send(question(stack.gateway(), SHORT), BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(replica(answer).spec().name())
                    .isEqualTo(other(replica).spec().name());
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
            assertThat(outstanding(replica)).isZero();
        } finally {
            Signals.send("CONT", replica);
        }
        awaitBothAnswer();
    }

    @Test
    void aVersionThatIsNotServedIsLoadedByEachReplicaThatIsAskedForIt() throws Exception {
        awaitBothAnswer();
        CheckpointEvent version = SharedStack.unpromoted(
                stack, new GatewayClient(stack.gateway()), QuickJob.of(SharedStack.unique("on-demand")));
        String named = SHORT.replace("fledgling", version.adapter() + "@" + version.version());
        for (int port : stack.inferencePorts()) {
            assertThat(direct(port, named)).isEqualTo(ReplicaRoutes.VERSION_NOT_LOADED);
        }

        HttpResponse<String> first = HTTP.send(question(stack.gateway(), named), BodyHandlers.ofString());
        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        assertThat(first.headers().firstValue(VERSION)).contains(version.version());
        ManagedProcess replica = replica(first);
        ManagedProcess other = other(replica);
        assertThat(direct(replica.spec().port(), named)).isEqualTo(200);
        assertThat(direct(other.spec().port(), named))
                .as("the other one was given nothing")
                .isEqualTo(ReplicaRoutes.VERSION_NOT_LOADED);

        Signals.send("STOP", replica);
        try {
            HttpResponse<String> second = HTTP.send(question(stack.gateway(), named), BodyHandlers.ofString());
            assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
            assertThat(second.headers().firstValue(VERSION)).contains(version.version());
            assertThat(replica(second).spec().name()).isEqualTo(other.spec().name());
            assertThat(content(second)).isEqualTo(content(first));
        } finally {
            Signals.send("CONT", replica);
        }
        assertThat(direct(other.spec().port(), named)).isEqualTo(200);
        awaitBothAnswer();
    }

    private static int direct(int port, String json) throws IOException, InterruptedException {
        return HTTP.send(question(URI.create("http://127.0.0.1:" + port), json), BodyHandlers.ofString())
                .statusCode();
    }

    private static String content(HttpResponse<String> answer) {
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8), "answer")
                .at("/choices/0/message/content")
                .asText();
    }

    @Test
    void aReplicaThatIsNotReadyIsAskedNothing() throws Exception {
        List<Integer> ports = PortPlan.free(4);
        ManagedProcess unready = unready(ports.get(0), ports.get(1));
        try {
            Await.until("it listens", () -> status(URI.create("http://127.0.0.1:" + ports.get(0) + "/replica")) == 503);
            ManagedProcess gateway = stack.startGateway(
                    "gateway-of-three",
                    ports.get(2),
                    ports.get(3),
                    List.of(
                            ports.get(0),
                            stack.inferencePorts().get(0),
                            stack.inferencePorts().get(1)));
            URI address = URI.create("http://127.0.0.1:" + ports.get(2));
            try {
                Await.until(
                        "the gateway has seen that",
                        () -> metric(
                                        ports.get(3),
                                        "lorikeet_inference_ready{replica=\"127.0.0.1:" + ports.get(0) + "\"")
                                == 0);
                var asked = new ArrayList<CompletableFuture<HttpResponse<String>>>();
                for (int i = 0; i < 12; i++) {
                    asked.add(HTTP.sendAsync(question(address, SHORT), BodyHandlers.ofString()));
                }
                for (var answer : asked) {
                    assertThat(answer.get().statusCode()).isEqualTo(200);
                }
                assertThat(requests(ports.get(1))).as("requests that it got").isZero();
                assertThat(metric(ports.get(3), "lorikeet_inference_retries_total"))
                        .isZero();
            } finally {
                stack.stop(gateway);
            }
        } finally {
            unready.close();
        }
    }

    /** A replica that finds no broker, and so never knows what it should serve. */
    private static ManagedProcess unready(int port, int management) {
        ProcessSpec like = stack.process("inference").spec();
        Map<String, String> environment = new HashMap<>(like.environment());
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(management));
        return ManagedProcess.start(
                new ProcessSpec("unready", port, like.command(), environment, like.readiness()),
                stack.options().logs());
    }

    private static void read(InputStream body, StringBuilder into) throws IOException {
        var buffer = new byte[4096];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            into.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
        }
    }

    private static HttpRequest question(URI gateway, String json) {
        return HttpRequest.newBuilder(gateway.resolve("/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build();
    }

    /** Both replicas are ready, as the gateway sees it. */
    private static void awaitBothAnswer() {
        int management = stack.options().ports().gatewayManagement();
        Await.until("the gateway has two replicas", () -> stack.inferencePorts().stream()
                .allMatch(port -> metric(management, "lorikeet_inference_ready{replica=\"127.0.0.1:" + port + "\"") == 1
                        && status(URI.create("http://127.0.0.1:" + port + "/replica")) == 200));
    }

    /** The one that says that it has answered. */
    private static ManagedProcess replica(HttpResponse<?> answer) {
        String name = answer.headers().firstValue(REPLICA).orElseThrow();
        int port = Integer.parseInt(name.substring(name.lastIndexOf(':') + 1));
        return stack.process(stack.inferencePorts().indexOf(port) == 0 ? "inference" : "inference-2");
    }

    private static ManagedProcess other(ManagedProcess replica) {
        return stack.process(replica.spec().name().equals("inference") ? "inference-2" : "inference");
    }

    /** Requests that a replica has been asked, as it counts them itself. */
    private static double requests(ManagedProcess replica) {
        return requests(Integer.parseInt(replica.spec().environment().get("QUARKUS_MANAGEMENT_PORT")));
    }

    private static double requests(int management) {
        return metric(management, "lorikeet_requests_finished_total");
    }

    private static double outstanding(ManagedProcess replica) {
        return metric(
                stack.options().ports().gatewayManagement(),
                "lorikeet_inference_outstanding{replica=\"127.0.0.1:"
                        + replica.spec().port() + "\"");
    }

    private static double metric(int management, String series) {
        return get(URI.create("http://127.0.0.1:" + management + "/q/metrics"))
                .body()
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static int status(URI address) {
        try {
            return get(address).statusCode();
        } catch (UncheckedIOException e) {
            return 0;
        }
    }

    private static HttpResponse<String> get(URI address) {
        try {
            return HTTP.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
