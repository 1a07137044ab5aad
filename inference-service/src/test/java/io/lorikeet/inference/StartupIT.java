package io.lorikeet.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.lorikeet.inference.testing.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service as a process of its own, started wrongly. */
class StartupIT {
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
                temp.resolve("config.json"), "{\"architectures\": [\"BloomForCausalLM\"], \"model_type\": \"bloom\"}");
        Files.createFile(temp.resolve("model.safetensors"));

        assertRefuses(temp, "bloom");
    }

    private void assertRefuses(Path model, String says) throws IOException, InterruptedException {
        try (var service = ServiceProcess.start(temp, Map.of("LORIKEET_MODEL", model.toString()))) {
            assertThat(service.ends(60)).as("ends by itself").isTrue();

            var lines = service.output().lines().toList();
            assertThat(service.process().exitValue()).as("%s", lines).isEqualTo(1);
            assertThat(lines)
                    .filteredOn(line -> !line.contains(" INFO "))
                    .singleElement(STRING)
                    .contains("cannot serve " + model)
                    .containsIgnoringCase(says);
        }
    }
}
