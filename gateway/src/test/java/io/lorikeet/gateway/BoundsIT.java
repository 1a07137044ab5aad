package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway with a small heap, and clients that want more of it than there is. */
class BoundsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String QUESTION = "{\"question\": \"hi\"}";
    /** What every question gets that was let in: nobody answers there, or has not the last times. */
    private static final String AWAY = "the inference service at 127.0.0.1:";

    private static final String HELD = "lorikeet_http_body_bytes";

    @TempDir
    Path temp;

    @Test
    void uploadsThatAreNeverFinishedTakeNoMemoryFromOthersAndGiveTheirsBack() throws Exception {
        try (var gateway = start(Map.of("LORIKEET_HTTP_BODY_TIMEOUT", "8s"))) {
            var uploads = new ArrayList<Socket>();
            for (int i = 0; i < 60; i++) {
                // 15 MB, as was said, and 3.9 MB, which may be sent
                uploads.add(upload(gateway, i % 4 == 0 ? 15_000_000 : 3_900_000));
            }
            await().atMost(PATIENCE).until(() -> gateway.metric(HELD) > 3_900_000);
            assertThat(gateway.metric(HELD)).isLessThanOrEqualTo(gateway.metric(HELD + "_limit"));
            // nobody is there who could answer, but that is what it says, and not that there is no memory
            assertThat(gateway.ask(QUESTION).body()).contains(AWAY);

            var answers = new ArrayList<String>();
            for (var upload : uploads) {
                answers.add(answer(upload));
            }
            assertThat(answers).allMatch(head -> head.matches("(?s)HTTP/1.1 (408|413|503) .*"));
            assertThat(answers).anyMatch(head -> head.startsWith("HTTP/1.1 408 "));
            assertThat(answers).anyMatch(head -> head.startsWith("HTTP/1.1 413 "));
            assertThat(answers).anyMatch(head -> head.startsWith("HTTP/1.1 503 ") && head.contains("Retry-After: 2"));
            await().atMost(PATIENCE).until(() -> gateway.metric(HELD) == 0);
            assertIsAsAtTheStart(gateway);
        }
    }

    @Test
    void slowConnectionsKeepNobodyWaiting() throws Exception {
        try (var gateway = start(Map.of())) {
            var slow = new ArrayList<Socket>();
            for (int i = 0; i < 500; i++) {
                slow.add(upload(gateway, 100 + i));
            }
            await().atMost(PATIENCE).until(() -> gateway.metric(HELD) > 0);
            for (int i = 0; i < 20; i++) {
                var began = System.nanoTime();
                assertThat(gateway.ask(QUESTION).body()).contains(AWAY);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            }
            for (var socket : slow) {
                socket.close();
            }
            await().atMost(PATIENCE).until(() -> gateway.metric(HELD) == 0);
            assertIsAsAtTheStart(gateway);
        }
    }

    private static void assertIsAsAtTheStart(GatewayProcess gateway) throws Exception {
        assertThat(gateway.ask(QUESTION).body()).contains(AWAY);
        assertThat(gateway.management("/q/health/live")).isEqualTo(200);
        assertThat(gateway.process().isAlive()).isTrue();
        assertThat(gateway.output()).doesNotContain("OutOfMemoryError", "answered 500");
    }

    private GatewayProcess start(Map<String, String> environment) throws Exception {
        var gateway = GatewayProcess.start(temp, List.of("-Xmx96m", "-XX:+UseSerialGC"), environment);
        await().atMost(PATIENCE).until(() -> gateway.management("/q/health/live") == 200);
        return gateway;
    }

    /** Sends so many bytes of a body that has more. */
    private static Socket upload(GatewayProcess gateway, int bytes) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        var out = socket.getOutputStream();
        try {
            out.write(
                    "POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                            .getBytes(US_ASCII));
            out.write((Integer.toHexString(bytes + 1) + "\r\n").getBytes(US_ASCII));
            var part = new byte[64 << 10];
            Arrays.fill(part, (byte) '[');
            for (int left = bytes; left > 0; left -= part.length) {
                out.write(part, 0, Math.min(left, part.length));
            }
            out.flush();
        } catch (SocketException _) {
            // refused before all was sent
        }
        return socket;
    }

    private static String answer(Socket socket) throws IOException {
        try (socket) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            return new String(socket.getInputStream().readNBytes(400), US_ASCII);
        }
    }
}
