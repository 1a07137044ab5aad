package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;

/** Requests that are wrong in many ways, a few of them right. */
final class RandomRequests {
    private static final List<String> METHODS =
            List.of("GET", "POST", "POST", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "FOO");

    /** X stands for a name. */
    private static final List<String> PATHS = List.of(
            "/ask",
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/responses",
            "/v1/responses/X",
            "/v1/embeddings/X",
            "/v1/files",
            "/v1/files/X/content",
            "/v1/fine_tuning/jobs",
            "/v1/fine_tuning/jobs/X/pause",
            "/v1/models",
            "/v1/models/X",
            "/v1/training/jobs",
            "/v1/training/jobs/X",
            "/v1/training/jobs/X/events",
            "/v1/training/jobs/X/cancel",
            "/v1/adapters",
            "/v1/adapters/X",
            "/v1/adapters/X/rollback",
            "/schemas/X",
            "/schemas/training-command.json",
            "/docs",
            "/q/X",
            "/v1",
            "/v1/X",
            "/",
            "/X/X");

    private static final List<String> NAMES = List.of(
            "assistant",
            "a",
            "..",
            "%00",
            "%2e%2e%2fetc%2fpasswd",
            "%",
            "%zz",
            "a;b=c",
            "{name}",
            "%E4%BD%A0",
            "%ff",
            "a b",
            "x".repeat(3_000));

    private static final List<String> TYPES = List.of(
            "application/json",
            "application/json",
            "application/json; charset=utf-8",
            "application/json; charset=utf-32",
            "application/json;;=",
            "application/*",
            "*/*",
            "text/plain",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "json",
            "/",
            "");

    private static final List<String> HEADERS = List.of(
            "Accept: text/html",
            "Accept: nonsense",
            "Accept: application/json;q=x",
            "Accept: text/event-stream",
            "Accept-Language: %%%",
            "X-Request-Id: two words",
            "Origin: null",
            "Sec-Fetch-Site: cross-site",
            "Cookie: =;;=",
            "Content-Encoding: gzip",
            "Range: bytes=5-1",
            "If-None-Match: *",
            "Upgrade: websocket",
            "X-Filler: " + "x".repeat(5_000));

    private static final List<String> BODIES = List.of(
            "{\"question\": \"hi\"}",
            "{\"question\": \"hi\", \"max_new_tokens\": 1e400, \"temperature\": -0.0}",
            "{\"adapter\": \"a\", \"rows\": [{\"query\": \"q\"}], \"lora_rank\": 1e9, \"type\": \"cancel\"}",
            "{\"adapter\": \"../a\", \"dataset\": [\"/etc/passwd\"], \"acceptance\": [{}], \"job_id\": null}",
            "{\"model\": \"assistant\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
            "{\"version\": \"v\"}",
            "null",
            "[]",
            "\"text\"",
            "{} {}",
            "{\"a\": 1, \"a\": 2}",
            "{\"question\": \"\\ud800\"}",
            "[".repeat(3_000),
            "{\"question\":".repeat(1_200),
            "1".repeat(3_000));

    private final RandomGenerator random;

    RandomRequests(RandomGenerator random) {
        this.random = random;
    }

    /**
     * A request.
     *
     * @param path where it goes, as it is sent
     * @param uri the same with its query
     */
    record Request(String method, String path, String uri, Buffer bytes) {
        /** Quarkus itself refuses what is no URI, before anything of ours sees it, and without a word. */
        boolean isUri() {
            try {
                new URI(uri);
                return true;
            } catch (URISyntaxException _) {
                return false;
            }
        }

        @Override
        public String toString() {
            return bytes.getString(0, Math.min(bytes.length(), 600), ISO_8859_1.name());
        }
    }

    Request next() {
        var method = one(METHODS);
        var path = one(PATHS);
        while (path.contains("X")) {
            path = path.replaceFirst("X", Matcher.quoteReplacement(one(NAMES)));
        }
        var uri = path + (random.nextInt(4) == 0 ? "?a=%20&b" : "");
        var head = new StringBuilder(method + " " + uri + " HTTP/1.1\n");
        head.append("Host: localhost\nConnection: close\n");
        if (random.nextInt(5) > 0) {
            head.append("Content-Type: ").append(one(TYPES)).append('\n');
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            head.append(one(HEADERS)).append('\n');
        }
        var body = random.nextInt(6) == 0 ? new byte[0] : body();
        if (random.nextInt(4) == 0) {
            head.append("Transfer-Encoding: chunked\n\n");
            var chunk = RawHttp.bytes(Integer.toHexString(body.length) + "\n", body);
            var chunks = body.length == 0 ? "0\r\n\r\n" : new String(chunk, ISO_8859_1) + "\r\n0\r\n\r\n";
            return new Request(
                    method, path, uri, Buffer.buffer(RawHttp.bytes(head.toString(), chunks.getBytes(ISO_8859_1))));
        }
        head.append("Content-Length: ").append(body.length).append("\n\n");
        return new Request(method, path, uri, Buffer.buffer(RawHttp.bytes(head.toString(), body)));
    }

    /** Bytes of any kind, or a message with some of its bytes changed, cut off or written in another encoding. */
    private byte[] body() {
        var message = one(BODIES).getBytes(UTF_8);
        return switch (random.nextInt(8)) {
            case 0 -> {
                var noise = new byte[random.nextInt(1, 500)];
                random.nextBytes(noise);
                yield noise;
            }
            case 1 -> Arrays.copyOf(message, random.nextInt(message.length));
            case 2 -> new String(message, UTF_8).getBytes(Charset.forName("UTF-32"));
            case 3 -> new String(message, UTF_8).getBytes(UTF_16);
            case 4 -> {
                for (int i = 0; i < 3; i++) {
                    message[random.nextInt(message.length)] = (byte) random.nextInt();
                }
                yield message;
            }
            default -> message;
        };
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
