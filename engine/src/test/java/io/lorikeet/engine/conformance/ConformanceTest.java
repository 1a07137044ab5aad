package io.lorikeet.engine.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.program.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ConformanceTest {
    @ParameterizedTest
    @FieldSource("io.lorikeet.engine.Golden#CASES")
    void agreesWithTransformersAndPeft(String folder) {
        List<Check> checks = new ArrayList<>();
        boolean ok = Conformance.run(Golden.folder(folder), Device.CPU, checks::add);
        assertThat(checks).hasSize(7).allMatch(Check::ok);
        assertThat(ok).isTrue();
    }

    @Test
    void noticesATrainedAdapterThatIsNotTheReferences(@TempDir Path copy) throws Exception {
        copy(Golden.folder("qwen2-tiny"), copy);
        Path trained = copy.resolve("adapter-trained/adapter_model.safetensors");
        Files.copy(
                copy.resolve("adapter-initial/adapter_model.safetensors"),
                trained,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        List<Check> checks = new ArrayList<>();
        assertThat(Conformance.run(copy, Device.CPU, checks::add)).isFalse();
        assertThat(checks)
                .filteredOn(check -> !check.ok())
                .extracting(Check::what)
                .containsExactly("logits with adapter-trained");
    }

    private static void copy(Path from, Path to) throws Exception {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
