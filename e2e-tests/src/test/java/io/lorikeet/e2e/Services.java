package io.lorikeet.e2e;

import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import io.lorikeet.cli.stack.ProjectHome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Packaged services as processes, each with an environment of its own, in a folder of the test. */
final class Services implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final ProjectHome home = ProjectHome.current();
    private final List<ManagedProcess> running = new ArrayList<>();
    private final Path state;

    /** @param state where they keep what they keep; left there for whoever looks for the reason of a failure */
    Services(Path state) {
        this.state = state;
    }

    /** A folder for a test. */
    static Path state(String name) throws IOException {
        return Files.createTempDirectory(Files.createDirectories(Path.of("target/states")), name + " ")
                .toAbsolutePath();
    }

    /** Starts a service; its adapters are in {@code state/NAME} unless the environment says otherwise. */
    ManagedProcess start(String name, String module, Map<String, String> more) throws IOException {
        List<Integer> ports = PortPlan.free(2);
        Map<String, String> environment = new HashMap<>();
        environment.put("LORIKEET_MODEL", home.defaultModel().toString());
        environment.put("LORIKEET_ADAPTERS_ROOT", state.resolve(name).toString());
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(ports.get(0)));
        environment.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(ports.get(1)));
        environment.put("OPT_OUT_TRACKING", "true");
        environment.putAll(more);
        return start(new ProcessSpec(
                name,
                ports.get(0),
                List.of(
                        java("java"),
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-jar",
                        home.quarkusApp(module).resolve("quarkus-run.jar").toString()),
                environment,
                new Readiness.HttpOk(URI.create("http://127.0.0.1:" + ports.get(1) + "/q/health/ready"))));
    }

    /** Starts any process. */
    ManagedProcess start(ProcessSpec spec) throws IOException {
        Files.createDirectories(state.resolve("logs"));
        ManagedProcess process = ManagedProcess.start(spec, state.resolve("logs"));
        running.add(process);
        return process;
    }

    static void awaitReady(ManagedProcess process) {
        Await.until(process.spec().name() + " is ready", () -> {
            if (!process.isAlive()) {
                throw new AssertionError(process.obituary());
            }
            return switch (process.spec().readiness()) {
                case Readiness.FileExists(Path file) -> Files.exists(file);
                case Readiness.HttpOk(URI uri) ->
                    get(process, uri.getPath()).contains("\"status\": \"UP\"")
                            && !get(process, uri.getPath()).contains("\"status\": \"DOWN\"");
            };
        });
    }

    /** What a service's management port answers; nothing if it is not up yet. */
    static String get(ManagedProcess process, String path) {
        try {
            return HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                            + process.spec().environment().get("QUARKUS_MANAGEMENT_PORT") + path))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** What all of them have logged. */
    String logs() throws IOException {
        var all = new StringBuilder();
        try (var files = Files.list(state.resolve("logs"))) {
            for (Path file : files.toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    /** A program of this JDK. */
    static String java(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }

    @Override
    public void close() {
        running.reversed().forEach(ManagedProcess::close);
    }
}
