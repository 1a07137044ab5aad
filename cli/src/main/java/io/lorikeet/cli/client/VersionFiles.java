package io.lorikeet.cli.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files of adapters' versions, over the gateway. */
public final class VersionFiles {
    private static final List<String> PEFT = List.of("adapter_config.json", "adapter_model.safetensors");
    private static final String BOUNDARY = "lorikeet-adapter-files";

    private final GatewayHttp http;

    VersionFiles(GatewayHttp http) {
        this.http = http;
    }

    /** Saves a version as a zip; the file is there whole or not at all. */
    public void download(String adapter, String version, Path to) {
        HttpRequest request =
                http.request(path(adapter, version) + "/download").GET().build();
        HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                GatewayHttp.requireSuccess(request, response.statusCode(), body.readAllBytes());
            }
            Path part = to.resolveSibling("." + to.getFileName() + ".part");
            try {
                Files.copy(body, part, StandardCopyOption.REPLACE_EXISTING);
                Files.move(part, to, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new CliException("Cannot save " + to + ": " + e, e);
        }
    }

    /**
     * Uploads an adapter.
     *
     * @param adapter the name that it gets
     * @param from a folder as PEFT saves it, or a zip of one
     * @param system the system prompt that it was trained with; null: none of its own
     * @return what the gateway says of it: its {@code version}
     */
    public JsonNode upload(String adapter, Path from, String system) {
        try {
            Path form = Files.createTempFile("lorikeet-upload", ".form");
            try {
                write(from, system, form);
                return http.tree(http.request("/v1/adapters/" + GatewayHttp.encode(adapter) + "/upload")
                        .header("content-type", "multipart/form-data; boundary=" + BOUNDARY)
                        .POST(BodyPublishers.ofFile(form))
                        .build());
            } finally {
                Files.deleteIfExists(form);
            }
        } catch (IOException e) {
            throw new CliException("Cannot read the adapter " + from + ": " + e, e);
        }
    }

    private static void write(Path from, String system, Path form) throws IOException {
        try (OutputStream out = Files.newOutputStream(form)) {
            if (system != null) {
                out.write(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"system\"\r\n"
                                + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + system + "\r\n")
                        .getBytes(UTF_8));
            }
            out.write(
                    ("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"adapter.zip\"\r\n"
                                    + "Content-Type: application/zip\r\n\r\n")
                            .getBytes(UTF_8));
            if (Files.isDirectory(from)) {
                zip(from, out);
            } else {
                Files.copy(from, out);
            }
            out.write(("\r\n--" + BOUNDARY + "--\r\n").getBytes(UTF_8));
        }
    }

    private static void zip(Path folder, OutputStream out) throws IOException {
        var zip = new ZipOutputStream(out);
        for (String name : PEFT) {
            zip.putNextEntry(new ZipEntry(name));
            Files.copy(folder.resolve(name), zip);
            zip.closeEntry();
        }
        zip.finish();
    }

    /** Deletes a version's files. */
    public void delete(String adapter, String version) {
        http.tree(http.request(path(adapter, version)).DELETE().build());
    }

    private static String path(String adapter, String version) {
        return "/v1/adapters/" + GatewayHttp.encode(adapter) + "/versions/" + GatewayHttp.encode(version);
    }
}
