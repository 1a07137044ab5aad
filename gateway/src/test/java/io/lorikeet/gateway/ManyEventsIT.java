package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingEvent.Progress;
import io.lorikeet.contracts.TrainingSummary;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged gateway over a topic of many events, in the heap of the local stack. {@code -Dlorikeet.events=1000000} makes it
 * a measurement; {@code -Dlorikeet.heap=…} and {@code -Dlorikeet.jobs=…} go with it.
 */
class ManyEventsIT {
    private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");
    private static final int EVENTS = Integer.getInteger("lorikeet.events", 60_000);
    private static final int JOBS = Integer.getInteger("lorikeet.jobs", 1_500);
    private static final String HEAP = System.getProperty("lorikeet.heap", "96m");
    private static final int AT_ONCE = 8;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private int port;
    private int management;

    @Test
    void isReadySoonInALittleHeapAndSoonerTheSecondTime() throws Exception {
        var broker = new BrokerResource();
        broker.start();
        try {
            publish(broker);
            var cold = ready(broker);
            say("cold", cold);
            assertThat(cold.read()).isGreaterThanOrEqualTo(EVENTS);
            assertThat(events("job-7")).isEqualTo(EVENTS / JOBS);
            assertThat(events("job-" + (JOBS - 1))).isEqualTo(EVENTS / JOBS);
            assertThat(get(port, "/v1/training/jobs?limit=3")).contains("\"has_more\":true");
            var _ = cold.process().destroyForcibly().waitFor();

            var warm = ready(broker);
            say("warm", warm);
            assertThat(warm.read()).isZero();
            assertThat(events("job-7")).isEqualTo(EVENTS / JOBS);
            assertThat(get(port, "/v1/training/jobs/job-" + (JOBS - 1))).contains("\"status\":\"succeeded\"");
            var _ = warm.process().destroyForcibly().waitFor();
        } finally {
            broker.stop();
        }
    }

    private record Ready(Process process, Duration after, long read) {}

    private void say(String which, Ready ready) throws IOException {
        var resident = Files.readAllLines(
                        Path.of("/proc", Long.toString(ready.process().pid()), "status"))
                .stream()
                .filter(line -> line.startsWith("VmHWM"))
                .findFirst()
                .orElse("");
        System.out.printf(
                "%d events of %d jobs, -Xmx%s, %s: ready after %d ms, %d ms of processor time, %d events read, %s%n",
                EVENTS,
                JOBS,
                HEAP,
                which,
                ready.after().toMillis(),
                ready.process().info().totalCpuDuration().orElseThrow().toMillis(),
                ready.read(),
                resident.replaceAll("\\s+", " "));
    }

    private Ready ready(BrokerResource broker) throws Exception {
        port = freePort();
        management = freePort();
        var log = folder.resolve("gateway.log");
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx" + HEAP,
                        "-jar",
                        "target/quarkus-app/quarkus-run.jar")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers(),
                        "QUARKUS_HTTP_HOST", "127.0.0.1",
                        "QUARKUS_HTTP_PORT", Integer.toString(port),
                        "QUARKUS_MANAGEMENT_PORT", Integer.toString(management),
                        "LORIKEET_JOBS_MEMORY", System.getProperty("lorikeet.jobs-memory", "4M"),
                        "LORIKEET_STATE_FOLDER", folder.resolve("state").toString()));
        long begin = System.nanoTime();
        var process = builder.start();
        var deadline = begin + Duration.ofMinutes(5).toNanos();
        while (System.nanoTime() < deadline) {
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            try {
                var health = send(management, "/q/health/ready");
                if (health.statusCode() == 200) {
                    var after = Duration.ofNanos(System.nanoTime() - begin);
                    return new Ready(process, after, read(health.body()));
                }
            } catch (IOException e) {
                // not there yet
            }
            Thread.sleep(20);
        }
        throw new AssertionError("never ready: " + Files.readString(log));
    }

    private static long read(String health) {
        var said = Json.parse(health.getBytes(UTF_8), "health")
                .at("/checks")
                .findValuesAsText(Topics.EVENTS)
                .getFirst();
        return Long.parseLong(said.substring(0, said.indexOf(' ')));
    }

    private int events(String job) throws Exception {
        return (int) get(port, "/v1/training/jobs/" + job + "/events")
                .lines()
                .filter(line -> line.startsWith("data:"))
                .count();
    }

    private static String get(int port, String path) throws IOException, InterruptedException {
        return send(port, path).body();
    }

    private static HttpResponse<String> send(int port, String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(60))
                .build();
        return HTTP.send(request, BodyHandlers.ofString(UTF_8));
    }

    /** Jobs that begin and end, some beside each other. */
    private static void publish(BrokerResource broker) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", "20");
        int each = EVENTS / JOBS;
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            for (int first = 0; first < JOBS; first += AT_ONCE) {
                for (int event = 0; event < each; event++) {
                    for (int job = first; job < Math.min(JOBS, first + AT_ONCE); job++) {
                        var next = event("job-" + job, job, event, each);
                        var _ = producer.send(new ProducerRecord<>(Topics.EVENTS, next.key(), Json.write(next)));
                    }
                }
            }
        }
    }

    private static TrainingEvent event(String id, int job, int number, int all) {
        var time = BEGIN.plusSeconds(60L * job + number);
        if (number == 0) {
            return new TrainingEvent.Queued(id, "bird-" + job % 20, time, "sha256:" + "ab".repeat(32));
        }
        if (number == all - 1) {
            var summary = new TrainingSummary(all, 10, 0.1, null, 50, 1000, 9.5, 0);
            var checkpoint = Kafka.checkpoint("bird-" + job % 20, id + "@" + all);
            return new TrainingEvent.Succeeded(id, "bird-" + job % 20, time, checkpoint, true, summary);
        }
        return new Progress(
                id,
                "bird-" + job % 20,
                time,
                number,
                all,
                1.25,
                2.5123,
                0.9876,
                1e-4,
                0.61,
                1.5 * number,
                10.5,
                0.75,
                0.3);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
