package io.lorikeet.cli.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.hub.HubFile.Digest;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** A hub of models: where it is, and how it is asked. */
public enum Hub {
    /** Hugging Face's, and those that have its routes. */
    HUGGINGFACE("https://huggingface.co", "HF_ENDPOINT", "HF_TOKEN", "main") {
        @Override
        List<HubFile> list(URI endpoint, String model, String revision, HubHttp http) throws IOException {
            JsonNode answer = json(
                    http, endpoint.resolve("/api/models/%s/revision/%s?blobs=true".formatted(model, encode(revision))));
            // the commit, so that all files are of one state
            String commit = answer.path("sha").asText(revision);
            return files(answer.path("siblings"), file -> {
                String name = file.path("rfilename").asText();
                Digest digest = file.hasNonNull("lfs")
                        ? new Digest.Sha256(file.at("/lfs/sha256").asText())
                        : new Digest.GitBlob(file.path("blobId").asText());
                URI uri = endpoint.resolve("/%s/resolve/%s/%s".formatted(model, encode(commit), encode(name)));
                return new HubFile(name, file.path("size").asLong(), digest, uri);
            });
        }
    },
    /** ModelScope's. */
    MODELSCOPE("https://modelscope.cn", "MODELSCOPE_ENDPOINT", "MODELSCOPE_API_TOKEN", "master") {
        @Override
        List<HubFile> list(URI endpoint, String model, String revision, HubHttp http) throws IOException {
            String repository = "/api/v1/models/" + model + "/repo";
            JsonNode answer = json(
                    http, endpoint.resolve(repository + "/files?Revision=" + encode(revision) + "&Recursive=true"));
            return files(answer.at("/Data/Files"), file -> {
                String name = file.path("Path").asText();
                URI uri = endpoint.resolve(repository + "?Revision=" + encode(revision) + "&FilePath=" + encode(name));
                return new HubFile(
                        name,
                        file.path("Size").asLong(),
                        new Digest.Sha256(file.path("Sha256").asText()),
                        uri);
            });
        }
    };

    private final URI home;
    private final String homeVariable;
    private final String tokenVariable;
    private final String revision;

    Hub(String home, String homeVariable, String tokenVariable, String revision) {
        this.home = URI.create(home);
        this.homeVariable = homeVariable;
        this.tokenVariable = tokenVariable;
        this.revision = revision;
    }

    /** Every file of a model, as its hub describes it. */
    abstract List<HubFile> list(URI endpoint, String model, String revision, HubHttp http) throws IOException;

    /** Where it is, if the environment names no mirror. */
    URI endpoint(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(homeVariable))
                .map(URI::create)
                .orElse(home);
    }

    Optional<String> token(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(tokenVariable)).filter(token -> !token.isBlank());
    }

    /** The revision that is meant if none is named. */
    String defaultRevision() {
        return revision;
    }

    private static JsonNode json(HubHttp http, URI uri) throws IOException {
        try (InputStream body = http.get(uri, 0).body()) {
            return Json.parse(body.readAllBytes(), uri.getHost() + "'s list of files");
        }
    }

    private static List<HubFile> files(JsonNode list, Function<JsonNode, HubFile> file) {
        if (!list.isArray()) {
            throw new CliException(
                    "The hub's answer has no list of files: it is not the kind of hub that it was taken for.");
        }
        return StreamSupport.stream(list.spliterator(), false).map(file).toList();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
