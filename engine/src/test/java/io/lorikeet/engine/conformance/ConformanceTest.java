package io.lorikeet.engine.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.Device;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void everyKindOfAdapterAgreesWithPeftOrIsRefused() {
        List<Check> checks = new ArrayList<>();
        assertThat(Conformance.run(Golden.folder("qwen2-adapters"), Device.CPU, checks::add))
                .isTrue();
        assertThat(checks)
                .hasSize(14)
                .filteredOn(check -> !check.what().startsWith("logits with "))
                .hasSize(6)
                .allMatch(check -> check.what().contains(" refused: "));
    }

    @Test
    void noticesAKindThatIsNotTheReferences(@TempDir Path copy) throws Exception {
        copy(Golden.folder("qwen2-adapters"), copy);
        String tensors = "adapter_model.safetensors";
        Files.copy(
                copy.resolve("adapters/dora-rslora").resolve(tensors),
                copy.resolve("adapters/dora").resolve(tensors),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        List<Check> checks = new ArrayList<>();
        assertThat(Conformance.run(copy, Device.CPU, checks::add)).isFalse();
        assertThat(checks)
                .filteredOn(check -> !check.ok())
                .extracting(Check::what)
                .containsExactly("logits with dora");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void comparesTheEndOfALongPrompt(boolean right, @TempDir Path folder) throws Exception {
        copy(Golden.model("qwen2-yarn"), folder.resolve("model"));
        try (Safetensors expected = Safetensors.open(Golden.folder("qwen2-yarn").resolve("expected.safetensors"))) {
            long[] shape = expected.tensors().get("logits").shape();
            int tokens = (int) shape[1];
            int vocabulary = (int) shape[2];
            int last = 20;
            float[] logits = Arrays.copyOfRange(
                    expected.tensors().get("logits").toFloats(), (tokens - last) * vocabulary, tokens * vocabulary);
            logits[7] += right ? 0 : 1e-3f;
            byte[] ids = expected.tensors()
                    .get("input_ids")
                    .bytes()
                    .asSlice(0, 8L * tokens)
                    .toArray(ValueLayout.JAVA_BYTE);
            new SafetensorsWriter()
                    .add("input_ids", DType.I64, new long[] {1, tokens}, () -> MemorySegment.ofArray(ids))
                    .add("logits_last", new long[] {last, vocabulary}, logits)
                    .write(folder.resolve("long-expected.safetensors"));
        }
        List<Check> checks = new ArrayList<>();
        assertThat(Conformance.run(folder, Device.CPU, checks::add)).isEqualTo(right);
        assertThat(checks).extracting(Check::what).containsExactly("logits of the last 20 of 96 tokens");
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
