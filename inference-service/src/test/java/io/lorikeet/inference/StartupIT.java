package io.lorikeet.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.lorikeet.inference.testing.Checkpoints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service as a process of its own, started wrongly. */
class StartupIT {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    @TempDir
    Path temp;

    @Test
    void saysInOneLineThatTheModelFolderIsNotThere() throws Exception {
        var missing = temp.resolve("no-such-model");

        assertRefuses(missing, missing.toString());
    }

    @Test
    void saysInOneLineThatTheFolderHoldsNoModel() throws Exception {
        assertRefuses(temp, "config.json");
    }

    @Test
    void saysInOneLineThatTheArchitectureIsAnother() throws Exception {
        Files.writeString(
                temp.resolve("config.json"), "{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\"}");
        Files.createFile(temp.resolve("model.safetensors"));

        assertRefuses(temp, "llama");
    }

    private void assertRefuses(Path model, String says) throws IOException, InterruptedException {
        var output = temp.resolve("output.log");
        var builder = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-jar",
                        JAR.toAbsolutePath().toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("LORIKEET_MODEL", model.toString());
        builder.environment()
                .put("LORIKEET_ADAPTERS_ROOT", Checkpoints.ROOT.toAbsolutePath().toString());
        builder.environment().put("QUARKUS_HTTP_PORT", "0");
        var process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("ends by itself")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }

        var lines = Files.readString(output, StandardCharsets.UTF_8).lines().toList();
        assertThat(process.exitValue()).as("%s", lines).isEqualTo(1);
        assertThat(lines)
                .filteredOn(line -> !line.contains(" INFO "))
                .singleElement(STRING)
                .contains("cannot serve " + model)
                .containsIgnoringCase(says);
    }
}
