package io.lorikeet.engine.program;

import static io.lorikeet.engine.program.SmallPrograms.decode;
import static io.lorikeet.engine.program.SmallPrograms.distance;
import static io.lorikeet.engine.program.SmallPrograms.logits;
import static io.lorikeet.engine.program.SmallPrograms.options;
import static io.lorikeet.engine.program.SmallPrograms.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights in 8 bits. */
@EnabledIfSystemProperty(
        named = "os.arch",
        matches = "amd64",
        disabledReason = "PyTorch has these products there alone")
class Int8Test {
    @ParameterizedTest
    @CsvSource({
        "qwen2-tiny, F32",
        "qwen2-tied-sharded, F32",
        "qwen2-bf16, BF16",
        "qwen3-tiny, F32",
        "llama3-tiny, F32",
        "mistral-tiny, F32"
    })
    void logitsAreThoseOfTheModelUpToAFewPercent(String golden, DType dtype) {
        float[] expected = run(Golden.model(golden), dtype, WeightFormat.DENSE, SmallPrograms::logits);

        float[] found = run(Golden.model(golden), dtype, WeightFormat.W8A8, SmallPrograms::logits);

        assertThat(distance(found, expected)).isBetween(1e-4, 0.05);
    }

    @Test
    void everyProductIsQuantisedAndItsErrorKnown() {
        List<QuantizationError> errors =
                run(Golden.model("qwen2-tiny"), DType.F32, WeightFormat.W8A8, DecoderProgram::quantizationErrors);

        assertThat(errors)
                .extracting(QuantizationError::weight)
                .startsWith("layers.0.qkv_proj", "layers.0.o_proj", "layers.0.gate_up_proj", "layers.0.down_proj")
                .endsWith("lm_head");
        assertThat(errors).allSatisfy(error -> {
            assertThat(error.error()).isBetween(1e-4f, 0.05f);
            assertThat(error.quantized()).isTrue();
        });
    }

    @Test
    void aTokenIsTheSameAloneAndAmongOthers() {
        long[] alone = run(Golden.model("qwen2-tiny"), DType.F32, WeightFormat.W8A8, program -> decode(program, 1));

        long[] among = run(Golden.model("qwen2-tiny"), DType.F32, WeightFormat.W8A8, program -> decode(program, 3));

        assertThat(among).isEqualTo(alone);
    }

    /** One channel a thousand times as large as the others takes all of eight bits for itself. */
    @Test
    void aWeightThatSuffersTooMuchStaysAsItIs(@TempDir Path folder) throws IOException {
        Path model = withAnOutlier(folder);
        float[] expected = run(model, DType.F32, WeightFormat.DENSE, SmallPrograms::logits);

        var found = run(
                model,
                DType.F32,
                WeightFormat.W8A8,
                program -> new Quantized(program.quantizationErrors(), logits(program)));

        assertThat(found.errors())
                .filteredOn(error -> !error.quantized())
                .singleElement()
                .satisfies(error -> {
                    assertThat(error.weight()).isEqualTo("layers.0.qkv_proj");
                    assertThat(error.error()).isGreaterThan(0.1f);
                });
        assertThat(distance(found.logits(), expected)).isLessThan(0.05);
    }

    @Test
    void refusesADeviceWithoutSuchProducts() {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-tiny"))) {
            assertThatThrownBy(() -> options(checkpoint, Device.of("cuda:0"), DType.BF16, WeightFormat.W8A8))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("weights w8a8: need device cpu on an x86-64 processor; found device cuda:0");
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared element by element
    private record Quantized(List<QuantizationError> errors, float[] logits) {}

    /** The same function with the scale of one channel moved from the weights of a product into its input. */
    private static Path withAnOutlier(Path folder) throws IOException {
        Path from = Golden.model("qwen2-tiny");
        for (String file : List.of("config.json", "generation_config.json")) {
            if (Files.exists(from.resolve(file))) {
                Files.copy(from.resolve(file), folder.resolve(file));
            }
        }
        var writer = new SafetensorsWriter();
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(from)) {
            for (var entry : checkpoint.tensors().entrySet()) {
                TensorSlice tensor = entry.getValue();
                float[] values = tensor.toFloats();
                switch (entry.getKey()) {
                    case "model.layers.0.input_layernorm.weight" -> values[3] *= 1000;
                    case "model.layers.0.self_attn.q_proj.weight",
                            "model.layers.0.self_attn.k_proj.weight",
                            "model.layers.0.self_attn.v_proj.weight" -> {
                        int columns = (int) tensor.shape()[1];
                        for (int at = 3; at < values.length; at += columns) {
                            values[at] /= 1000;
                        }
                    }
                    default -> {}
                }
                writer.add(entry.getKey(), tensor.shape(), values);
            }
            writer.write(folder.resolve("model.safetensors"));
        }
        return folder;
    }
}
