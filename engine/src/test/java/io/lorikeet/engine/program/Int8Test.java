package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
    private static final int[] PROMPT = {5, 17, 99, 3, 250, 42, 7};

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
        float[] expected = run(Golden.model(golden), dtype, WeightFormat.DENSE, Int8Test::logits);

        float[] found = run(Golden.model(golden), dtype, WeightFormat.W8A8, Int8Test::logits);

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
        float[] expected = run(model, DType.F32, WeightFormat.DENSE, Int8Test::logits);

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

    private static <T> T run(Path model, DType dtype, WeightFormat format, Function<DecoderProgram, T> use) {
        try (var thread = new EngineThread("test");
                ModelCheckpoint checkpoint = ModelCheckpoint.open(model)) {
            return thread.call(() -> {
                try (var program =
                        DecoderProgram.load(options(checkpoint, Device.CPU, dtype, format), checkpoint, PROMPT)) {
                    return use.apply(program);
                }
            });
        }
    }

    private static ProgramOptions options(ModelCheckpoint checkpoint, Device device, DType dtype, WeightFormat format) {
        return new ProgramOptions(checkpoint.config(), device, dtype, DType.F32, 3, 64, 1, 4, TrainedLora.NONE)
                .with(format);
    }

    private static float[] logits(DecoderProgram program) {
        return program.serve().logits(PROMPT, 0, Optional.empty());
    }

    /** The tokens of the first of so many sequences. */
    private static long[] decode(DecoderProgram program, int sequences) {
        ServingProgram serving = program.serve();
        for (int slot = 0; slot < sequences; slot++) {
            serving.openSlot(slot, Optional.empty(), SlotSampling.GREEDY);
            int[] prompt = PROMPT.clone();
            prompt[6] += slot;
            serving.prefillLast(prompt, slot, 0, StepFlags.NONE);
        }
        long[] tokens = new long[16];
        for (int step = 0; step < tokens.length; step++) {
            serving.decode(sequences, 64, StepFlags.NONE);
            tokens[step] = serving.readTokens(sequences)[0];
        }
        return tokens;
    }

    /** |found - expected| / |expected| */
    private static double distance(float[] found, float[] expected) {
        double off = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            off += Math.pow(found[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return Math.sqrt(off / size);
    }
}
