package io.lorikeet.cli.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server with the routes of both hubs and one model, {@code org/tiny}; weights come from elsewhere, as from a CDN. */
final class LocalHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final HttpServer server;
    private final HttpServer elsewhere;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    final Map<String, byte[]> files = new LinkedHashMap<>();
    /** {@code path range authorization} of each request for a file. */
    final List<String> asked = new CopyOnWriteArrayList<>();
    /** Of each answer in turn after how many bytes the connection ends; 0: not at all. */
    final List<Integer> cuts = new ArrayList<>();
    /** After how many bytes nothing more comes over a connection that stays. */
    final List<Integer> silent = new ArrayList<>();

    LocalHub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        elsewhere.setExecutor(threads);
        server.createContext("/api/models/org/tiny/revision/", this::huggingFace);
        server.createContext("/org/tiny/resolve/" + COMMIT + "/", this::resolve);
        server.createContext("/api/v1/models/org/tiny/repo/files", this::modelScope);
        server.createContext("/api/v1/models/org/tiny/repo", this::modelScopeFile);
        elsewhere.createContext(
                "/", exchange -> file(exchange, name(exchange.getRequestURI().getPath())));
        server.start();
        elsewhere.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void huggingFace(HttpExchange exchange) throws IOException {
        ObjectNode answer = Json.mapper().createObjectNode().put("sha", COMMIT);
        files.forEach((name, content) -> {
            ObjectNode file = answer.withArray("siblings")
                    .addObject()
                    .put("rfilename", name)
                    .put("size", content.length)
                    .put("blobId", gitBlob(content));
            if (name.endsWith(".safetensors")) {
                file.putObject("lfs").put("sha256", sha("SHA-256", content)).put("size", content.length);
            }
        });
        boolean right = exchange.getRequestURI().toString().endsWith("/main?blobs=true");
        answer(exchange, right ? 200 : 404, Json.write(answer));
    }

    private void resolve(HttpExchange exchange) throws IOException {
        String name = name(exchange.getRequestURI().getPath());
        if (name.endsWith(".safetensors")) {
            note(exchange, name);
            exchange.getResponseHeaders()
                    .set(
                            "location",
                            "http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/cdn/" + name);
            answer(exchange, 302, new byte[0]);
        } else {
            file(exchange, name);
        }
    }

    private void modelScope(HttpExchange exchange) throws IOException {
        ObjectNode answer = Json.mapper().createObjectNode().put("Code", 200);
        var list = answer.putObject("Data").putArray("Files");
        files.forEach((name, content) -> list.addObject()
                .put("Path", name)
                .put("Type", "blob")
                .put("Size", content.length)
                .put("Sha256", sha("SHA-256", content)));
        answer(exchange, 200, Json.write(answer));
    }

    private void modelScopeFile(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getRawQuery();
        file(exchange, URLDecoder.decode(query.substring(query.indexOf("FilePath=") + 9), StandardCharsets.UTF_8));
    }

    private void file(HttpExchange exchange, String name) throws IOException {
        note(exchange, name);
        byte[] content = files.get(name);
        String range = exchange.getRequestHeaders().getFirst("range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        byte[] rest = Arrays.copyOfRange(content, from, content.length);
        if (!silent.isEmpty()) {
            exchange.sendResponseHeaders(200, rest.length);
            exchange.getResponseBody().write(rest, 0, silent.removeFirst());
            exchange.getResponseBody().flush();
            return;
        }
        int cut = cuts.isEmpty() || !name.endsWith(".safetensors") ? 0 : cuts.removeFirst();
        exchange.sendResponseHeaders(range == null ? 200 : 206, rest.length);
        OutputStream out = exchange.getResponseBody();
        out.write(rest, 0, cut == 0 ? rest.length : cut);
        out.flush();
        if (cut > 0) {
            // the server ends a connection whose handler fails
            throw new IOException("cut off");
        }
        exchange.close();
    }

    private void note(HttpExchange exchange, String name) {
        asked.add("%s %s %s"
                .formatted(
                        name,
                        exchange.getRequestHeaders().getFirst("range"),
                        exchange.getRequestHeaders().getFirst("authorization")));
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static String sha(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String gitBlob(byte[] content) {
        return sha("SHA-1", ("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8), content);
    }

    @Override
    public void close() {
        server.stop(0);
        elsewhere.stop(0);
        threads.shutdownNow();
    }
}
