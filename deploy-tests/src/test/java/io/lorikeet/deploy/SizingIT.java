package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the inference service takes at start, against the formulas. Its address space grows by what the engine allocates. */
class SizingIT {
    private static final long FLOAT32 = 4;
    private static final Path MODEL = Project.path("models/fledgling");
    private static final Duration START = Duration.ofMinutes(2);

    @TempDir
    Path state;

    @Test
    void theCacheAndTheRoomForAdaptersAreAsLargeAsTheFormulasSay() throws Exception {
        Sizing sizing = Sizing.of(MODEL);
        long small = addressSpace("small", 1, 8, 1, 8);
        // enough of it that the rest, some ten MB, does not count
        int length = 256;
        int sequences = (int) Math.max(2, (512L << 20) / sizing.cache(1, length, FLOAT32));
        long wide = addressSpace("wide", sequences, length, 1, 8);
        int rank = 64;
        int loras = (int) Math.max(2, (512L << 20) / sizing.adapterRoom(rank, FLOAT32));
        long many = addressSpace("many", 1, 8, loras, rank);

        double cache = sizing.cache(sequences, length, FLOAT32) - sizing.cache(1, 8, FLOAT32);
        double room = (loras + 1) * sizing.adapterRoom(rank, FLOAT32) - 2 * sizing.adapterRoom(8, FLOAT32);
        assertThat((double) (wide - small)).as("cache").isCloseTo(cache, within(0.1 * cache));
        assertThat((double) (many - small)).as("adapters").isCloseTo(room, within(0.1 * room));
    }

    /** Starts it without a Kafka, as its port opens when the engine is there, and returns its address space in bytes. */
    private long addressSpace(String name, int maxNumSeqs, int maxModelLen, int maxLoras, int maxLoraRank)
            throws Exception {
        int port = PortPlan.free(1).getFirst();
        var environment = new HashMap<>(Map.of(
                "LORIKEET_MODEL", MODEL.toString(),
                "LORIKEET_ADAPTERS_ROOT", state.toString(),
                "LORIKEET_MAX_NUM_SEQS", Integer.toString(maxNumSeqs),
                "LORIKEET_MAX_MODEL_LEN", Integer.toString(maxModelLen),
                "LORIKEET_MAX_LORAS", Integer.toString(maxLoras),
                "LORIKEET_MAX_LORA_RANK", Integer.toString(maxLoraRank),
                "LORIKEET_MAX_CPU_LORAS", Integer.toString(Math.max(64, maxLoras)),
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", Integer.toString(port),
                "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"));
        environment.put("OMP_NUM_THREADS", "1");
        environment.put("MALLOC_ARENA_MAX", "1");
        URI live = URI.create("http://127.0.0.1:" + port + "/q/health/live");
        Path jar = Project.path("inference-service/target/quarkus-app/quarkus-run.jar");
        List<String> command = List.of(
                LocalContainers.java(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-Dai.djl.offline=true",
                "-jar",
                jar.toString());
        try (var process = ManagedProcess.start(
                new ProcessSpec(name, port, command, environment, new Readiness.HttpOk(live)), state)) {
            long end = System.nanoTime() + START.toNanos();
            while (!answers(live)) {
                assertThat(process.isAlive()).as(process::obituary).isTrue();
                assertThat(System.nanoTime()).isLessThan(end);
                Thread.sleep(100);
            }
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmSize:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean answers(URI address) throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(address).build();
            return HttpClient.newHttpClient()
                            .send(request, BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
