package io.lorikeet.cli.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class ModelPullTest {
    private static final String WEIGHTS = "model.safetensors";

    @TempDir
    Path models;

    private LocalHub server;
    private final List<Long> told = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException {
        server = new LocalHub();
        server.files.put("config.json", "{\"model_type\": \"qwen2\"}".getBytes(StandardCharsets.UTF_8));
        server.files.put("tokenizer.json", "{}".getBytes(StandardCharsets.UTF_8));
        byte[] weights = new byte[300_000];
        new Random(7).nextBytes(weights);
        server.files.put(WEIGHTS, weights);
        server.files.put("pytorch_model.bin", new byte[100]);
        server.files.put("onnx/model.onnx", new byte[100]);
        server.files.put("../evil.safetensors", new byte[100]);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path pull(Hub hub, Map<String, String> environment) {
        return new ModelPull(hub, Optional.of(server.endpoint()), environment, Duration.ZERO)
                .pull("org/tiny", Optional.empty(), models, new ModelPull.Listener() {
                    @Override
                    public void begins(int files, long bytes) {
                        told.add(bytes);
                    }

                    @Override
                    public void received(long bytes) {}
                });
    }

    @ParameterizedTest
    @EnumSource
    void bringsWhatIsLoadedAndItsSums(Hub hub) throws IOException {
        Path folder = pull(hub, Map.of());

        assertThat(folder).isEqualTo(models.resolve("tiny"));
        assertThat(names(models)).containsExactly("tiny");
        assertThat(names(folder)).containsExactlyInAnyOrder("config.json", "tokenizer.json", WEIGHTS, "SHA256SUMS");
        for (String name : List.of("config.json", "tokenizer.json", WEIGHTS)) {
            assertThat(folder.resolve(name)).hasBinaryContent(server.files.get(name));
            assertThat(folder.resolve("SHA256SUMS"))
                    .content()
                    .contains(LocalHub.sha("SHA-256", server.files.get(name)) + "  " + name + "\n");
        }
    }

    @Test
    void goesOnWhereTheConnectionBroke() throws IOException {
        server.cuts.addAll(List.of(100_000, 50_000));

        Path folder = pull(Hub.HUGGINGFACE, Map.of());

        assertThat(folder.resolve(WEIGHTS)).hasBinaryContent(server.files.get(WEIGHTS));
        assertThat(server.asked)
                .anyMatch(request -> request.startsWith(WEIGHTS + " bytes=100000-"))
                .anyMatch(request -> request.startsWith(WEIGHTS + " bytes=150000-"));
    }

    @Test
    void aSilentConnectionCountsAsBroken() throws Exception {
        server.silent.add(1000);
        var http = new HubHttp(server.endpoint(), Optional.empty());
        HubFile weights = Hub.MODELSCOPE.list(server.endpoint(), "org/tiny", "master", http).stream()
                .filter(file -> file.name().equals(WEIGHTS))
                .findFirst()
                .orElseThrow();

        new Download(http, _ -> {}, Duration.ZERO, Duration.ofMillis(200)).bring(weights, models.resolve(WEIGHTS));

        assertThat(models.resolve(WEIGHTS)).hasBinaryContent(server.files.get(WEIGHTS));
        assertThat(server.asked).last().asString().startsWith(WEIGHTS + " bytes=1000-");
    }

    @Test
    void goesOnWhereAnEarlierPullWasCutOff() throws IOException {
        server.cuts.addAll(List.of(100_000, 1, 1, 1, 1));
        assertThatThrownBy(() -> pull(Hub.MODELSCOPE, Map.of()))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("the same command goes on");
        assertThat(names(models)).as("nothing that could be taken for a model").containsExactly(".tiny.part");

        pull(Hub.MODELSCOPE, Map.of());

        assertThat(server.asked).last().asString().startsWith(WEIGHTS + " bytes=100004-");
        assertThat(told.getLast()).isEqualTo(300_000 - 100_004);
        assertThat(models.resolve("tiny").resolve(WEIGHTS)).hasBinaryContent(server.files.get(WEIGHTS));
    }

    @ParameterizedTest
    @EnumSource
    void throwsAwayWhatIsNotWhatTheHubLists(Hub hub) throws IOException {
        Path part = Files.createDirectories(models.resolve(".tiny.part"));
        Files.write(part.resolve(WEIGHTS), new byte[300_000]);

        assertThatThrownBy(() -> pull(hub, Map.of()))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("not what the hub lists");
        assertThat(part.resolve(WEIGHTS)).doesNotExist();
        assertThat(models.resolve("tiny")).doesNotExist();
    }

    @Test
    void showsItsTokenToTheHubAndToNobodyElse() {
        pull(Hub.HUGGINGFACE, Map.of("HF_TOKEN", "secret"));

        assertThat(server.asked)
                .contains("config.json null Bearer secret", WEIGHTS + " null Bearer secret", WEIGHTS + " null null");
    }

    @Test
    void saysWhatIsMissingBeforeItBringsAnything() {
        server.files.remove("tokenizer.json");

        assertThatThrownBy(() -> pull(Hub.HUGGINGFACE, Map.of())).hasMessageContaining("has no file tokenizer");
        assertThat(server.asked).isEmpty();
    }

    @Test
    void leavesAModelThatIsThereAlone() throws IOException {
        Files.createDirectories(models.resolve("tiny"));

        assertThatThrownBy(() -> pull(Hub.HUGGINGFACE, Map.of())).hasMessageContaining("is there already");
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
