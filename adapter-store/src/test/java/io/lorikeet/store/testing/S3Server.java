package io.lorikeet.store.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real S3 server in a process of its own, which checks signatures; it can be stopped and started on the same folder. */
public final class S3Server implements AutoCloseable {
    public static final String ACCESS_KEY = "lorikeet-test-id";
    public static final String SECRET_KEY = "lorikeet-test-secret";
    private static final long START_SECONDS = 60;

    private final Path classpath;
    private final Path folder;
    private final int port = freePort();
    private Process process;

    private S3Server(Path classpath, Path folder) {
        this.classpath = classpath;
        this.folder = folder;
    }

    /**
     * Starts it.
     *
     * @param module the folder of the module adapter-store, whose build lists the server's jars
     * @param folder where it keeps its buckets, each a folder
     */
    public static S3Server start(Path module, Path folder) throws IOException, InterruptedException {
        var server = new S3Server(module.resolve("target/s3-server/classpath"), folder);
        Files.createDirectories(server.buckets());
        Files.writeString(
                folder.resolve("s3proxy.conf"), """
                s3proxy.endpoint=http://127.0.0.1:%d
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=filesystem-nio2
                jclouds.identity=none
                jclouds.credential=none
                jclouds.filesystem.basedir=%s
                """.formatted(server.port, ACCESS_KEY, SECRET_KEY, server.buckets()));
        server.start();
        return server;
    }

    public void createBucket(String name) throws IOException {
        Files.createDirectories(buckets().resolve(name));
    }

    private Path buckets() {
        return folder.resolve("buckets").toAbsolutePath();
    }

    public int port() {
        return port;
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** The SDK's own variables for whoever is to use it. */
    public Map<String, String> environment() {
        return Map.of(
                "AWS_ENDPOINT_URL_S3",
                endpoint().toString(),
                "AWS_REGION",
                "us-east-1",
                "AWS_ACCESS_KEY_ID",
                ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY",
                SECRET_KEY);
    }

    public void start() throws IOException, InterruptedException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-DLOG_LEVEL=warn",
                        "-cp",
                        Files.readString(classpath).strip(),
                        "org.gaul.s3proxy.Main",
                        "--properties",
                        folder.resolve("s3proxy.conf").toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("s3proxy.log").toFile()))
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "the S3 server does not start: " + Files.readString(folder.resolve("s3proxy.log")));
            }
            Thread.sleep(50);
        }
    }

    private boolean answers() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public void stop() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        stop();
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
