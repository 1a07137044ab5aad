package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.contracts.Topics;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every service from the environment and the command that docker-compose.yml and its image give it, as processes. */
class ComposeIT {
    private static final Duration START = Duration.ofMinutes(3);
    /** Ten seconds on Kubernetes, where the news of an endpoint travels further. */
    private static final Duration PRE_STOP = Duration.ofSeconds(1);

    private static final Duration DRAIN = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path state;

    private static final List<ManagedProcess> RUNNING = new ArrayList<>();
    private static Compose compose;
    private static ServiceProxy service;
    private static ServiceProxy management;
    private static ManagedProcess inference;
    private static LocalContainers local;
    private static Path natives;
    private static Map<Path, Object> unpacked;

    @BeforeAll
    static void up() throws Exception {
        compose = Compose.read();
        local = new LocalContainers(state);
        Files.createDirectories(local.folder("adapters"));
        unpackNatives();
        unpacked = snapshot(natives);

        start(ContainerKafka.setUp(local, compose.service("kafka")));
        awaitKafka();
        ProcessSpec topics = local.spec(compose.service("topics"));
        Tool.run(topics.command(), topics.environment()).orThrow();
        service = new ServiceProxy(local.port("8001"));
        management = new ServiceProxy(local.port("9001"));
        ManagedProcess trainer = start(local.spec(compose.service("trainer")));
        inference = startInference("inference");
        ManagedProcess gateway = start(local.spec(compose.service("gateway")));
        awaitHealthy(trainer);
        awaitHealthy(inference);
        awaitHealthy(gateway);
        addEndpoint(inference);
    }

    private static void addEndpoint(ManagedProcess replica) {
        service.add(replica.spec().port());
        management.add(managementPort(replica));
    }

    private static void removeEndpoint(ManagedProcess replica) {
        service.remove(replica.spec().port());
        management.remove(managementPort(replica));
    }

    private static int managementPort(ManagedProcess replica) {
        return Integer.parseInt(replica.spec().environment().get("QUARKUS_MANAGEMENT_PORT"));
    }

    /** What Kafka's health check waits for: it lists its topics. */
    private static void awaitKafka() throws Exception {
        var patient = Map.<String, Object>of(
                "bootstrap.servers",
                "127.0.0.1:" + local.port("9092"),
                "default.api.timeout.ms",
                Math.toIntExact(START.toMillis()));
        try (Admin admin = Admin.create(patient)) {
            admin.listTopics().names().get();
        }
    }

    /** A replica of it, which nobody asks yet. */
    private static ManagedProcess startInference(String name) {
        return start(local.replica(compose.service("inference"), name));
    }

    @AfterAll
    static void down() {
        RUNNING.reversed().forEach(ManagedProcess::requestStop);
        RUNNING.reversed().forEach(ManagedProcess::close);
        if (service != null) {
            service.close();
        }
        if (management != null) {
            management.close();
        }
    }

    private static ManagedProcess start(ProcessSpec spec) {
        ManagedProcess process = local.start(spec);
        RUNNING.add(process);
        return process;
    }

    /** What the build stages make outside of the sources; PyTorch's libraries are the same for both engines. */
    private static void unpackNatives() throws IOException {
        Dockerfile inference = Dockerfile.read("inference");
        natives = local.made(inference, "/natives");
        build(inference, "NativeLibraries");
        for (String name : List.of("trainer", "inference", "gateway", "cli")) {
            Dockerfile image = Dockerfile.read(name);
            Files.createDirectories(local.made(image, ""));
            build(image, "unpack-codecs");
        }
        Files.createSymbolicLink(local.made(Dockerfile.read("trainer"), "/natives"), natives);
    }

    /** The RUN instruction of an image's build stage that has this in it. */
    private static void build(Dockerfile image, String instruction) {
        String run = image.stages().stream()
                .filter(line -> line.startsWith("RUN ") && line.contains(instruction))
                .findFirst()
                .orElseThrow();
        String command = run.substring("RUN ".length())
                .replace("java ", LocalContainers.java() + " ")
                .replace("/src/", Project.ROOT + "/")
                .replace(" /codecs", " " + local.made(image, "/codecs"));
        Tool.run(
                        List.of("bash", "-euc", command),
                        Map.of(
                                "DJL_CACHE_DIR",
                                natives.toString(),
                                "OPT_OUT_TRACKING",
                                "true",
                                "PATH",
                                Path.of(LocalContainers.java()).getParent() + ":" + System.getenv("PATH")))
                .orThrow();
    }

    /** Runs the image's health check until it passes. */
    private static void awaitHealthy(ManagedProcess process) throws InterruptedException {
        String name = process.spec().name().replaceFirst("-.*", "");
        List<String> check = local.healthCheck(compose.service(name), process.spec());
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            Tool.Result result = Tool.run(check, Map.of());
            if (result.exitCode() == 0) {
                return;
            }
            assertThat(process.isAlive()).as(process::obituary).isTrue();
            assertThat(System.nanoTime())
                    .as(() -> name + " is not healthy: " + result.out())
                    .isLessThan(end);
            Thread.sleep(250);
        }
    }

    @Test
    void rollsInferenceOverUnderLoadWithoutLosingARequest() throws Exception {
        var over = new AtomicBoolean();
        var answered = new AtomicInteger();
        var lost = new ConcurrentLinkedQueue<String>();
        List<Thread> clients = IntStream.range(0, 6)
                .mapToObj(_ -> Thread.ofVirtual().start(() -> {
                    while (!over.get()) {
                        try {
                            var response = ask(24);
                            if (response.statusCode() == 200) {
                                answered.incrementAndGet();
                            } else {
                                lost.add(response.statusCode() + " " + response.body());
                            }
                        } catch (IOException | InterruptedException e) {
                            lost.add(e.toString());
                        }
                    }
                }))
                .toList();

        for (String next : List.of("inference-2", "inference-3")) {
            ManagedProcess old = inference;
            inference = startInference(next);
            awaitHealthy(inference);
            addEndpoint(inference);
            // what Kubernetes does: the old one is no endpoint any more, preStop passes, then SIGTERM
            removeEndpoint(old);
            Thread.sleep(PRE_STOP);
            int before = answered.get();
            old.requestStop();
            long end = System.nanoTime() + DRAIN.toNanos();
            while (old.isAlive() || answered.get() < before + 20) {
                assertThat(System.nanoTime())
                        .as("drained, and the new one answers")
                        .isLessThan(end);
                Thread.sleep(50);
            }
            RUNNING.remove(old);
            old.close();
        }
        over.set(true);
        for (Thread client : clients) {
            client.join();
        }

        assertThat(lost).isEmpty();
        assertThat(answered).hasValueGreaterThan(40);
    }

    private static HttpResponse<String> ask(int maxNewTokens) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(gateway("/ask"))
                .header("content-type", "application/json")
                .header("X-Request-Id", "compose-it")
                .POST(BodyPublishers.ofString("{\"question\": \"你是谁?\", \"max_new_tokens\": " + maxNewTokens + "}"))
                .build();
        return HTTP.send(request, BodyHandlers.ofString());
    }

    @Test
    void answersThroughTheGateway() throws Exception {
        var response = ask(8);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(Project.JSON.readTree(response.body()).path("answer").asText())
                .isNotBlank();
    }

    @Test
    void kafkaTopicsOfTheOverlaysAreThoseThatTheBrokerHas() throws Exception {
        var compared = new ArrayList<String>();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + local.port("9092")))) {
            for (Manifests.Manifest manifest : Manifests.render("cpu")) {
                if (manifest.typed() instanceof KafkaTopic topic) {
                    var resource = new ConfigResource(ConfigResource.Type.TOPIC, manifest.name());
                    Config onBroker =
                            admin.describeConfigs(List.of(resource)).all().get().get(resource);
                    var set = new TreeMap<String, String>();
                    onBroker.entries().stream()
                            .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
                            .forEach(entry -> set.put(entry.name(), entry.value()));
                    var wanted = new TreeMap<String, String>();
                    topic.getSpec().getConfig().forEach((name, value) -> wanted.put(name, value.toString()));
                    assertThat(wanted).as(manifest.name()).isEqualTo(set);
                    compared.add(manifest.name());
                }
            }
        }
        assertThat(compared)
                .containsExactlyInAnyOrder(
                        Topics.COMMANDS, Topics.COMMANDS_DLQ, Topics.EVENTS, Topics.CHECKPOINTS, Topics.REPLICAS);
    }

    @Test
    void logsOneJsonObjectALine() throws Exception {
        for (String name : List.of("trainer", "inference", "gateway")) {
            List<String> lines = Files.readAllLines(state.resolve("logs").resolve(name + ".log"));
            assertThat(lines).as(name).isNotEmpty();
            for (String line : lines) {
                assertThat(line).as(name).startsWith("{");
                JsonNode entry = Project.JSON.readTree(line);
                assertThat(entry.path("timestamp").asText()).as(line).isNotEmpty();
                assertThat(entry.path("level").asText()).as(line).isNotEmpty();
                assertThat(entry.path("message").isTextual()).as(line).isTrue();
            }
        }
    }

    @Test
    void logsNameTheRequestAndWhoAnsweredIt() throws Exception {
        train("logged-1", "logged");
        String version = await("the adapter answers", () -> {
            JsonNode answer =
                    Project.JSON.readTree(ask("logged-0", "logged", false).body());
            return answer.path("version").textValue();
        });
        var wanted = new TreeMap<String, Map<String, String>>();
        var asked = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 1; i <= 24; i++) {
            String id = "logged-" + i;
            // side by side, in turns, over few connections: what leaks shows
            String adapter = i % 2 == 0 ? "logged" : null;
            wanted.put(id, adapter == null ? Map.of() : Map.of("adapter", adapter, "version", version));
            asked.add(CompletableFuture.supplyAsync(() -> ask(id, adapter, id.endsWith("3") || id.endsWith("4"))));
        }
        asked.add(CompletableFuture.supplyAsync(() -> ask("logged-unknown", "nobody", false)));
        wanted.put("logged-unknown", Map.of());
        asked.forEach(CompletableFuture::join);

        for (String name : List.of("inference", "gateway")) {
            assertThat(await(name + " has a line for each", () -> {
                        var found = new TreeMap<String, Map<String, String>>();
                        for (LogLine line : LogLine.of(state, name)) {
                            String id = line.context().get("request_id");
                            if (line.logger().equals("io.lorikeet.access") && id != null && wanted.containsKey(id)) {
                                var about = new TreeMap<>(line.context());
                                about.remove("request_id");
                                if (name.equals("gateway")) {
                                    assertThat(about.remove("replica")).isNotNull();
                                }
                                assertThat(found.put(id, about))
                                        .as("one line for " + id)
                                        .isNull();
                            }
                        }
                        return found.keySet().equals(wanted.keySet()) ? found : null;
                    }))
                    .as(name)
                    .isEqualTo(wanted);
        }
        assertThat(LogLine.of(state, "inference"))
                .filteredOn(line -> line.message().contains("serves version " + version))
                .isNotEmpty()
                .allSatisfy(
                        line -> assertThat(line.context()).isEqualTo(Map.of("adapter", "logged", "version", version)));
        assertThat(LogLine.of(state, "trainer"))
                .filteredOn(line -> line.message().startsWith("Job logged-1"))
                .hasSizeGreaterThan(2)
                .allSatisfy(line ->
                        assertThat(line.context()).isEqualTo(Map.of("job_id", "logged-1", "adapter", "logged")));
        assertThat(LogLine.of(state, "gateway")).anySatisfy(line -> assertThat(line.context())
                .containsEntry("job_id", "logged-1")
                .containsEntry("adapter", "logged")
                .containsKey("request_id"));
    }

    private static HttpResponse<String> ask(String id, String adapter, boolean stream) {
        var question = Project.JSON
                .createObjectNode()
                .put("question", "你是谁?")
                .put("max_new_tokens", 8)
                .put("stream", stream);
        if (adapter != null) {
            question.put("adapter", adapter);
        }
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(gateway("/ask"))
                            .header("content-type", "application/json")
                            .header("X-Request-Id", id)
                            .POST(BodyPublishers.ofString(question.toString()))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theExamplesDataIsWhereItsCommandLooksForIt() throws Exception {
        var job = (ObjectNode) Project.JSON.readTree(
                Project.path("examples/self_cognition/job.json").toFile());
        submit(job.put("job_id", "example").put("dry_run", true));

        assertThat(end("example")).isEqualTo("validated");
    }

    @Test
    void readsWhatProducersCompress() throws Exception {
        for (String codec : List.of("gzip", "lz4", "zstd", "snappy")) {
            Map<String, Object> settings =
                    Map.of("bootstrap.servers", "127.0.0.1:" + local.port("9092"), "compression.type", codec);
            try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
                String id = "compressed-" + codec;
                String job = job(id, "compressed").put("dry_run", true).toString();
                producer.send(new ProducerRecord<>(Topics.COMMANDS, id, job)).get();
                long offset = producer.send(new ProducerRecord<>(Topics.CHECKPOINTS, "nobody", (String) null))
                        .get()
                        .offset();

                assertThat(end(id)).as(codec).isEqualTo("validated");
                await("inference has read on", () -> {
                    String metrics = metrics(managementPort(inference));
                    return metrics.lines()
                                    .filter(line -> line.startsWith("lorikeet_checkpoint_offset"))
                                    .anyMatch(
                                            line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))) >= offset)
                            ? metrics
                            : null;
                });
            }
        }

        for (int port : List.of(local.port("9000"), managementPort(inference), local.port("9002"))) {
            assertThat(metrics(port).lines().filter(line -> line.startsWith("lorikeet_records_unreadable_total")))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith(" 0.0"));
        }
    }

    private static String metrics(int port) throws IOException, InterruptedException {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/metrics"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    /** How a job ended, once it has. */
    private static String end(String jobId) throws Exception {
        return await(jobId + " ends", () -> {
            var response = HTTP.send(
                    HttpRequest.newBuilder(gateway("/v1/training/jobs/" + jobId))
                            .build(),
                    BodyHandlers.ofString());
            String state = Project.JSON.readTree(response.body()).path("status").asText();
            return List.of("", "queued", "running").contains(state) ? null : state;
        });
    }

    /** A job of two steps, whose adapter is served whatever it says. */
    private static void train(String jobId, String adapter) throws Exception {
        submit(job(jobId, adapter));
    }

    private static ObjectNode job(String jobId, String adapter) {
        var job = Project.JSON
                .createObjectNode()
                .put("type", "train")
                .put("job_id", jobId)
                .put("adapter", adapter)
                .put("max_steps", 2)
                .put("lora_rank", 4)
                .put("promote", "always");
        for (String question : List.of("你好", "hello")) {
            job.withArray("rows").addObject().put("instruction", question).put("output", "好的。");
        }
        return job;
    }

    private static void submit(ObjectNode job) throws Exception {
        var response = HTTP.send(
                HttpRequest.newBuilder(gateway("/v1/training/jobs"))
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString(job.toString()))
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    }

    /** Waits until there is something. */
    private static <T> T await(String what, Callable<T> look) throws Exception {
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            T found = look.call();
            if (found != null) {
                return found;
            }
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(100);
        }
    }

    @Test
    void unpacksAndDownloadsNothingAtStart() throws Exception {
        assertThat(unpacked.keySet()).anyMatch(file -> file.toString().contains("libtorch_cpu"));
        assertThat(snapshot(natives)).isEqualTo(unpacked);
        assertThat(local.folder("home"))
                .as("nothing may be written beside the volumes")
                .doesNotExist();
    }

    /** A container's user is not the one who built its image. */
    @Test
    void whatTheBuildUnpacksCanBeReadByEverybody() throws Exception {
        for (String name : List.of("trainer", "inference", "gateway", "cli")) {
            Path codecs = local.made(Dockerfile.read(name), "/codecs");
            for (Path path : Stream.concat(unpacked.keySet().stream(), snapshot(codecs).keySet().stream())
                    .toList()) {
                assertThat(Files.getPosixFilePermissions(path))
                        .as(path.toString())
                        .contains(PosixFilePermission.OTHERS_READ)
                        .matches(may -> Files.isRegularFile(path) || may.contains(PosixFilePermission.OTHERS_EXECUTE));
            }
        }
    }

    @Test
    void runsNothingButJava() {
        assertThat(RUNNING).hasSizeGreaterThanOrEqualTo(4).allSatisfy(process -> {
            ProcessHandle handle = ProcessHandle.of(process.pid()).orElseThrow();
            assertThat(handle.info().command().orElseThrow()).endsWith("/java");
            // what ends it with this test, a shell that sleeps, is no part of it
            assertThat(handle.descendants().map(child -> child.info().command().orElse("?")))
                    .allMatch(command -> command.matches(".*/(sh|dash|bash|sleep)"));
        });
    }

    @Test
    void prometheusScrapesEveryService() throws Exception {
        Compose.Service prometheus = compose.service("prometheus");
        Path config = Files.createDirectories(local.folder("prometheus-config"));
        Path original = local.volumes(prometheus).get("/etc/prometheus");
        try (Stream<Path> files = Files.walk(original)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = config.resolve(original.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.writeString(
                        copy, local.here(Files.readString(file), Map.of()).replace(": 15s", ": 1s"));
            }
        }
        var paths = new LinkedHashMap<>(local.volumes(prometheus));
        paths.put("/etc/prometheus", config);
        List<String> options = prometheus.command().stream()
                .map(word -> word.substring(0, word.indexOf('=') + 1)
                        + local.here(word.substring(word.indexOf('=') + 1), paths))
                .toList();
        Map<String, String> health = Map.of();
        try (var server = PrometheusServer.start(local.folder("logs"), options)) {
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (System.nanoTime() < end
                    && !(health.size() == 3 && health.values().stream().allMatch("up"::equals))) {
                Thread.sleep(250);
                health = server.targets();
            }
        }
        assertThat(health)
                .isEqualTo(Map.of("lorikeet-gateway", "up", "lorikeet-inference", "up", "lorikeet-trainer", "up"));
    }

    private static URI gateway(String path) {
        return URI.create("http://127.0.0.1:" + local.port("8000") + path);
    }

    private static Map<Path, Object> snapshot(Path folder) throws IOException {
        var files = new TreeMap<Path, Object>();
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path file : tree.toList()) {
                files.put(file, List.of(Files.getLastModifiedTime(file), Files.size(file)));
            }
        }
        return files;
    }
}
