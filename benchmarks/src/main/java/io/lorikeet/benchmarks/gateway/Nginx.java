package io.lorikeet.benchmarks.gateway;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.PortPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;

/** nginx as a plain proxy that passes on what comes as it comes. */
final class Nginx implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(10);

    private final Process process;
    private final int port;

    private Nginx(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** The program, by its path or its name. */
    static Path find(String program) {
        return Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
                .map(folder -> Path.of(folder).resolve(program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(
                        () -> new CliException(
                                "--peer " + program + ": there is no such program. nginx is in Debian's"
                                        + " package nginx-light (deploy/test/install-tools nginx); --peer none measures without it."));
    }

    static Nginx start(Path program, Path state, URI service) throws IOException {
        int port = PortPlan.free(1).getFirst();
        Path folder = Files.createDirectories(state.resolve("nginx"));
        Path configuration =
                Files.writeString(folder.resolve("nginx.conf"), """
                daemon off;
                master_process off;
                worker_processes 1;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 4096; }
                http {
                  access_log %1$s/access.log;
                  keepalive_requests 1000000;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  upstream service { server %2$s; keepalive 64; keepalive_requests 1000000; }
                  server {
                    listen 127.0.0.1:%3$d;
                    location / {
                      proxy_pass http://service;
                      proxy_http_version 1.1;
                      proxy_set_header Connection "";
                      proxy_set_header Host $host;
                      proxy_buffering off;
                    }
                  }
                }
                """.formatted(folder, service.getAuthority(), port));
        Process process = new ProcessBuilder(
                        program.toString(), "-p", folder.toString(), "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        var nginx = new Nginx(process, port);
        nginx.awaitListening(folder);
        return nginx;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    private void awaitListening(Path folder) throws IOException {
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new CliException("nginx does not start: " + Files.readString(folder.resolve("output")), e);
                }
                pause(Duration.ofMillis(20));
            }
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while nginx stopped", e));
        }
    }
}
