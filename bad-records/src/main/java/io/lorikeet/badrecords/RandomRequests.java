package io.lorikeet.badrecords;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/** Requests that are wrong in many ways, a few of them right. */
public final class RandomRequests {
    private static final List<String> METHODS =
            List.of("GET", "POST", "POST", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "FOO");

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

    /** For whatever route. */
    private static final List<String> BODIES =
            List.of("null", "[]", "\"text\"", "{} {}", "{\"a\": 1, \"a\": 2}", "[".repeat(3_000), "1".repeat(3_000));

    private final RandomGenerator random;
    private final List<String> paths;
    private final List<String> bodies;

    /**
     * Requests of a service.
     *
     * @param paths X stands for a name
     * @param bodies of its routes, right ones and wrong ones
     */
    public RandomRequests(RandomGenerator random, List<String> paths, List<String> bodies) {
        this.random = random;
        this.paths = paths;
        this.bodies = Stream.concat(bodies.stream(), BODIES.stream()).toList();
    }

    /**
     * A request.
     *
     * @param path where it goes, as it is sent
     * @param uri the same with its query
     * @param wire all of it, a character a byte
     */
    public record Request(String method, String path, String uri, String wire) {
        /** Quarkus itself refuses what is no URI, before anything of ours sees it, and without a word. */
        public boolean isUri() {
            try {
                new URI(uri);
                return true;
            } catch (URISyntaxException _) {
                return false;
            }
        }

        /** All of it. */
        public byte[] bytes() {
            return wire.getBytes(ISO_8859_1);
        }

        @Override
        public String toString() {
            return wire.substring(0, Math.min(wire.length(), 600));
        }
    }

    /** The next one. */
    public Request next() {
        var method = one(METHODS);
        var path = one(paths);
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
            return request(method, path, uri, RawHttp.bytes(head.toString(), chunks.getBytes(ISO_8859_1)));
        }
        head.append("Content-Length: ").append(body.length).append("\n\n");
        return request(method, path, uri, RawHttp.bytes(head.toString(), body));
    }

    private static Request request(String method, String path, String uri, byte[] bytes) {
        return new Request(method, path, uri, new String(bytes, ISO_8859_1));
    }

    /** Bytes of any kind, or a message with some of its bytes changed, cut off or written in another encoding. */
    private byte[] body() {
        var message = one(bodies).getBytes(UTF_8);
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
