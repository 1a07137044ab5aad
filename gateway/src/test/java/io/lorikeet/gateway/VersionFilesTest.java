package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** Adapters from elsewhere, and back: a real folder; what checks them is {@link InferenceResource}. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class VersionFilesTest {
    private static final String CONFIG = """
            {"peft_type": "LORA", "r": 4, "lora_alpha": 16, "target_modules": ["q_proj"], "use_rslora": true}""";

    private static final String TENSORS = "these would be tensors";

    @Test
    void anAdapterIsUploadedAskedPromotedDownloadedAndDeleted() throws IOException {
        var taken =
                upload("foreign", zip("mine/adapter_config.json", CONFIG, "mine/adapter_model.safetensors", TENSORS));
        assertThat(taken.status()).as(taken.text()).isEqualTo(201);
        var version = taken.json().path("version").asText();
        assertThat(version).matches("upload-[0-9a-f]{12}");
        assertThat(Http.get("/v1/training/jobs").json().path("jobs").findValuesAsText("job_id"))
                .as("nothing was trained")
                .noneMatch(id -> id.startsWith("upload-"));
        assertThat(taken.json().path("state").asText()).isEqualTo("not_promoted");
        var event = InferenceResource.GIVEN.get("foreign@" + version);
        assertThat(event.r()).isEqualTo(4);
        assertThat(event.useRslora()).isTrue();
        assertThat(event.baseModel().fingerprint()).isEqualTo("sha256:" + "cd".repeat(32));
        assertThat(Path.of(event.uri()).resolve("adapter_config.json")).hasContent(CONFIG);
        assertThat(upload("foreign", zip("adapter_model.safetensors", TENSORS, "adapter_config.json", CONFIG))
                        .json()
                        .path("version")
                        .asText())
                .as("a version is what it holds")
                .isEqualTo(version);

        var path = "/v1/adapters/foreign/versions/" + version;
        var zip = Http.get(path + "/download");
        assertThat(zip.type()).isEqualTo("application/zip");
        assertThat(zip.header("content-disposition")).isEqualTo("attachment; filename=\"foreign-" + version + ".zip\"");
        assertThat(unzip(zip.response().body()))
                .isEqualTo(Map.of("adapter_config.json", CONFIG, "adapter_model.safetensors", TENSORS));

        var promoted = Http.post("/v1/adapters/foreign/promote", "{\"version\": \"" + version + "\"}");
        assertThat(promoted.status()).as(promoted.text()).isEqualTo(202);
        assertThat(Http.delete(path).status()).as("it is served").isEqualTo(409);
        assertThat(Http.delete("/v1/adapters/foreign").status()).isEqualTo(204);
        Files.writeString(Path.of(event.uri()).resolve("adapter_config.json"), "{}");
        assertThat(Http.get(path + "/download").status())
                .as("other bytes than were published")
                .isEqualTo(409);
        assertThat(Http.delete(path).status()).isEqualTo(204);
        assertThat(Path.of(event.uri())).doesNotExist();
        assertThat(Http.get(path + "/download").status()).isEqualTo(404);
        var anew = new AdapterCatalog(1 << 20, null);
        Kafka.read(Topics.EVENTS, version + ".foreign")
                .forEach(record ->
                        anew.trained((TrainingEvent.Succeeded) Json.read(record.value(), TrainingEvent.class)));
        assertThat(anew.versions())
                .as("a gateway that reads the topic anew lists it no more")
                .isEmpty();
    }

    @Test
    void whatAReplicaRefusesIsNotKept() throws IOException {
        var refused = upload(
                InferenceResource.UNFIT_NAME, zip("adapter_config.json", CONFIG, "adapter_model.safetensors", TENSORS));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().at("/error/message").asText()).isEqualTo("the tensors are not those of the event");
        assertThat(InferenceResource.ADAPTERS.resolve(InferenceResource.UNFIT_NAME))
                .isEmptyDirectory();
        assertThat(Http.get("/v1/adapters/" + InferenceResource.UNFIT_NAME).status())
                .isEqualTo(404);
    }

    @Test
    void aZipThatIsNoAdapterIsRefused() throws IOException {
        assertRefused(400, "is no zip", "hello".getBytes(UTF_8));
        assertRefused(400, "has no adapter_model.safetensors", zip("adapter_config.json", CONFIG));
        assertRefused(400, "leads out of it", zip("../adapter_config.json", CONFIG));
        assertRefused(400, "leads out of it", zip("/etc/adapter_config.json", CONFIG));
        assertRefused(400, "more than one", zip("a/adapter_config.json", CONFIG, "b/adapter_config.json", CONFIG));
        assertRefused(
                400,
                "r: is \"four\"",
                zip("adapter_config.json", CONFIG.replace("4", "\"four\""), "adapter_model.safetensors", TENSORS));
        // unpacked a thousand times as large as the zip
        assertRefused(
                413, "is larger", zip("adapter_config.json", CONFIG, "adapter_model.safetensors", "0".repeat(70_000)));
        assertRefused(400, "has a directory of ", zip(names(50_000)));
        try (var left = Files.list(InferenceResource.ADAPTERS)) {
            assertThat(left.filter(entry -> entry.getFileName().toString().startsWith(".")))
                    .isEmpty();
        }
    }

    /** And a text for each. */
    private static String[] names(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "a-name-that-takes-up-some-room-in-a-directory/" + i)
                .flatMap(name -> Stream.of(name, ""))
                .toArray(String[]::new);
    }

    private static void assertRefused(int status, String message, byte[] zip) {
        var refused = upload("refused", zip);
        assertThat(refused.status()).as(refused.text()).isEqualTo(status);
        assertThat(refused.json().at("/error/message").asText()).contains(message);
    }

    private static Http.Answer upload(String adapter, byte[] zip) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(
                "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n\r\n".getBytes(UTF_8));
        body.writeBytes(zip);
        body.writeBytes("\r\n--x--\r\n".getBytes(UTF_8));
        return Http.send(Http.request("/v1/adapters/" + adapter + "/upload")
                .header("content-type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofByteArray(body.toByteArray())));
    }

    /** A zip that an adapter can be in. */
    static byte[] adapter() {
        try {
            return zip("adapter_config.json", CONFIG, "adapter_model.safetensors", TENSORS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] zip(String... namesAndTexts) throws IOException {
        var texts = new LinkedHashMap<String, String>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            texts.put(namesAndTexts[i], namesAndTexts[i + 1]);
        }
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var entry : texts.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue().getBytes(UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static Map<String, String> unzip(byte[] bytes) throws IOException {
        var texts = new TreeMap<String, String>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                texts.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
            }
        }
        return texts;
    }
}
