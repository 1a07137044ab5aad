package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the inference service takes at start, by which its address space grows, and what the trainer says and takes, against
 * the formulas.
 */
class SizingIT {
    private static final long FLOAT32 = 4;
    private static final Path MODEL = Project.path("models/fledgling");
    private static final Duration START = Duration.ofMinutes(2);

    private static final Lora KEPT = new Lora(8, 0.05, false);

    @TempDir
    Path state;

    /** What of a job its memory depends on. */
    private record Lora(int rank, double dropout, boolean recompute) {}

    @Test
    void theCacheAndTheRoomForAdaptersAreAsLargeAsTheFormulasSay() throws Exception {
        Sizing sizing = Sizing.of(MODEL);
        long small = addressSpace("small", 1, 8, 1, 8);
        // enough of it that the rest, some ten MB, does not count
        int length = 256;
        int sequences = (int) Math.max(2, (512L << 20) / sizing.cache(1, length, FLOAT32));
        long wide = addressSpace("wide", sequences, length, 1, 8);
        int rank = 64;
        int loras = (int) Math.max(2, (512L << 20) / (sizing.adapterParameters(rank) * FLOAT32));
        long many = addressSpace("many", 1, 8, loras, rank);

        double cache = sizing.cache(sequences, length, FLOAT32) - sizing.cache(1, 8, FLOAT32);
        double room = FLOAT32 * ((loras + 1) * sizing.adapterParameters(rank) - 2 * sizing.adapterParameters(8));
        assertThat((double) (wide - small)).as("cache").isCloseTo(cache, within(0.1 * cache));
        assertThat((double) (many - small)).as("adapters").isCloseTo(room, within(0.1 * room));
    }

    @Test
    void theTrainersEstimateIsWhatTheFormulasSay() throws Exception {
        Sizing sizing = Sizing.of(MODEL);
        for (var settings : List.of(
                new Lora(8, 0.05, true), new Lora(8, 0.05, false), new Lora(32, 0, true), new Lora(32, 0, false))) {
            int r = settings.rank();
            JsonNode report = report(job("validated", settings, 4096));
            JsonNode memory = report.path("memory");
            assertThat(memory.path("weights").asLong()).isEqualTo(sizing.parameters() * FLOAT32);
            assertThat(memory.path("training").asLong()).isEqualTo(sizing.trained(r, FLOAT32));
            assertThat(memory.path("activations").asLong())
                    .as(settings.toString())
                    .isEqualTo(sizing.loss(FLOAT32)
                            + pass(report)
                                    * sizing.activations(r, settings.dropout() > 0, settings.recompute(), FLOAT32));
        }
    }

    private static JsonNode report(Path job) throws IOException {
        return Project.JSON.readTree(Tool.run(
                        List.of(
                                LocalContainers.java(),
                                "-Dlorikeet.home=" + Project.ROOT,
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.lorikeet.cli.Lorikeet",
                                "validate",
                                "--json",
                                job.toString()),
                        Map.of())
                .orThrow());
    }

    /** Tokens of the largest pass. */
    private static long pass(JsonNode report) {
        long longest = report.path("longest_row").asLong();
        long most = Math.max(
                longest, report.path("memory").path("max_tokens_per_pass").asLong());
        return Math.min(longest * report.path("rows_per_step").asLong(), most);
    }

    @Test
    void aLargerPassTakesWhatTheFormulaSays() throws Exception {
        Path largeJob = job("large", KEPT, 4096);
        JsonNode report = report(largeJob);
        long row = report.path("longest_row").asLong();
        long small = peak(job("small", KEPT, (int) row));
        long large = peak(largeJob);

        double more = (pass(report) - row) * Sizing.of(MODEL).activations(KEPT.rank(), true, KEPT.recompute(), FLOAT32);
        assertThat((double) (large - small))
                .as("the formula is for the worst case, and not far from it")
                .isBetween(0.5 * more, more);
    }

    /** Sixteen rows of the same length, which are one step and share too little to be computed together. */
    private Path job(String name, Lora lora, int maxTokensPerPass) throws IOException {
        ObjectNode job = Project.JSON
                .createObjectNode()
                .put("type", "train")
                .put("job_id", name)
                .put("adapter", name)
                .put("max_steps", 1)
                .put("lora_rank", lora.rank())
                .put("lora_dropout", lora.dropout())
                .put("gradient_checkpointing", lora.recompute())
                .put("max_tokens_per_pass", maxTokensPerPass)
                .put("split_dataset_ratio", 0)
                .put("promote", "never");
        for (int row = 0; row < 16; row++) {
            job.withArray("rows")
                    .addObject()
                    .put("system", (char) ('a' + row) + " hello")
                    .put("instruction", "hello")
                    .put("output", "a b c d e f g h ".repeat(14));
        }
        return Files.writeString(state.resolve(name + ".json"), job.toString());
    }

    /** Trains, and returns the most memory that the process had resident, in bytes. */
    private long peak(Path job) throws Exception {
        Path app = Project.path("trainer-service/target/quarkus-app");
        var builder = new ProcessBuilder(
                        LocalContainers.java(),
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-cp",
                        app + "/app/*:" + app + "/lib/main/*:" + app + "/lib/boot/*",
                        "io.lorikeet.trainer.tools.TrainMain",
                        job.toString(),
                        "--model",
                        MODEL.toString(),
                        "--out",
                        job + ".out")
                .redirectErrorStream(true)
                .redirectOutput(Path.of(job + ".log").toFile());
        builder.environment().put("OPT_OUT_TRACKING", "true");
        Process process = builder.start();
        long peak = 0;
        try {
            while (!process.waitFor(10, TimeUnit.MILLISECONDS)) {
                peak = Math.max(peak, status(process.pid(), "VmHWM"));
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue())
                .as(Files.readString(Path.of(job + ".log")))
                .isZero();
        return peak;
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
                "QUARKUS_HTTP_PORT", "0",
                "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"));
        environment.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(port));
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
            return status(process.pid(), "VmSize");
        }
    }

    /** A figure of a process in bytes; 0 if it has ended. */
    private static long status(long pid, String figure) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith(figure + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (NoSuchFileException e) {
            return 0;
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
