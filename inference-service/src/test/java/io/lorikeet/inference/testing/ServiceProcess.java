package io.lorikeet.inference.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The packaged service as a process of its own. */
public final class ServiceProcess implements AutoCloseable {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path output;
    private final int port;
    private final int management;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ServiceProcess(Process process, Path output, int port, int management) {
        this.process = process;
        this.output = output;
        this.port = port;
        this.management = management;
    }

    /**
     * Starts the service.
     *
     * @param folder where its output goes
     * @param environment settings beside the adapters root and free ports
     */
    public static ServiceProcess start(Path folder, Map<String, String> environment) throws IOException {
        var output = Files.createTempFile(folder, "service", ".log");
        int port = freePort();
        int management = freePort();
        var builder = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-jar",
                        JAR.toAbsolutePath().toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .put("LORIKEET_ADAPTERS_ROOT", Checkpoints.ROOT.toAbsolutePath().toString());
        builder.environment().put("QUARKUS_HTTP_PORT", String.valueOf(port));
        builder.environment().put("QUARKUS_MANAGEMENT_PORT", String.valueOf(management));
        builder.environment().putAll(environment);
        return new ServiceProcess(builder.start(), output, port, management);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The process itself. */
    public Process process() {
        return process;
    }

    /** What it has printed. */
    public String output() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for its end; false if it takes longer. */
    public boolean ends(long seconds) throws InterruptedException {
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    /** Status of a GET; 0 if nobody answers. */
    public int status(String path) {
        try {
            return http.send(request(path).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (ConnectException e) {
            return 0;
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The text of a GET. */
    public String get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Asks for a chat completion; the future is done when all of it has come. */
    public CompletableFuture<HttpResponse<String>> chat(Object body) throws IOException {
        return http.sendAsync(
                request("/v1/chat/completions")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private HttpRequest.Builder request(String path) {
        int asked = path.startsWith("/q/") ? management : port;
        return HttpRequest.newBuilder(URI.create("http://localhost:" + asked + path));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        http.shutdownNow();
    }
}
