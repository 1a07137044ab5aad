package io.lorikeet.cli.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server that breaks off. */
class VersionFilesTest {
    @TempDir
    Path folder;

    private HttpServer server;
    private VersionFiles files;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/adapters/shop/versions/job-1@100/download", exchange -> {
            exchange.sendResponseHeaders(200, 4);
            exchange.getResponseBody().write("zip!".getBytes(UTF_8));
            exchange.close();
        });
        server.createContext("/v1/adapters/shop/versions/broken/download", exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write("zip!".getBytes(UTF_8));
            exchange.getResponseBody().flush();
            exchange.close();
        });
        server.start();
        files = new GatewayClient(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
                .files();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aFileIsThereWholeOrNotAtAll() throws IOException {
        Path zip = folder.resolve("shop.zip");
        files.download("shop", "job-1@100", zip);
        assertThat(zip).hasContent("zip!");

        Path broken = folder.resolve("broken.zip");
        assertThatThrownBy(() -> files.download("shop", "broken", broken))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("Cannot save " + broken);
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(zip);
        }
    }
}
