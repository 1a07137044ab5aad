package io.lorikeet.engine.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training an adapter over a base in few bits. */
class QloraTest {
    private static final int STEPS = 6;
    private static final LoraConfig LORA = new LoraConfig(4, 16, 0.1, LoraConfig.allLinear(), false);

    /** Loss and norm of the gradient, step by step. */
    private record Point(double loss, double gradNorm) {}

    @ParameterizedTest
    @CsvSource({"NF4, true", "NF4, false", "INT4, true", "INT8, true", "FP8, true"})
    void isTheTrainingOverWhatTheWeightsStandFor(Quantization quantization, boolean recompute, @TempDir Path folder)
            throws IOException {
        Path dequantized = folder.resolve("model");
        writeDequantized(Golden.model("qwen2-tiny"), quantization, DType.F32, dequantized);

        List<Point> found = trajectory(
                options(Golden.model("qwen2-tiny"), DType.F32, recompute).with(quantization));

        List<Point> expected = trajectory(options(dequantized, DType.F32, recompute));
        assertSame(found, expected, 1e-4);
        // and not the one over the weights as they were
        List<Point> other = trajectory(options(Golden.model("qwen2-tiny"), DType.F32, recompute));
        assertThat(Math.abs(found.getFirst().loss() - other.getFirst().loss())).isGreaterThan(1e-4);
    }

    @Test
    void isSoInBfloat16UpToItsRounding(@TempDir Path folder) throws IOException {
        Path dequantized = folder.resolve("model");
        writeDequantized(Golden.model("qwen2-bf16"), Quantization.NF4, DType.BF16, dequantized);

        List<Point> found =
                trajectory(options(Golden.model("qwen2-bf16"), DType.BF16, true).with(Quantization.NF4));

        assertSame(found, trajectory(options(dequantized, DType.BF16, true)), 0.01);
    }

    @Test
    void learns() {
        List<Point> points =
                trajectory(options(Golden.model("qwen2-tiny"), DType.F32, true).with(Quantization.NF4));

        assertThat(points.getLast().loss()).isLessThan(points.getFirst().loss() - 0.1);
    }

    @Test
    void everyWeightIsNotTrainedInFewBits() {
        var full = new TrainingOptions(
                Golden.model("qwen2-tiny"),
                List.of(Device.CPU),
                DType.F32,
                DType.F32,
                Optional.empty(),
                new AdamW(0.9, 0.95, 1e-8, 0.1),
                1,
                7,
                4096,
                false);

        assertThatThrownBy(() -> full.with(Quantization.NF4))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("quantization nf4: every weight is trained");
    }

    @Test
    void theEstimateKnowsWhatFewBitsSaveAndWhatTheirMatricesCost() {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-tiny"))) {
            var options = options(Golden.model("qwen2-tiny"), DType.BF16, true);
            long as = weights(checkpoint, options);
            long quantized = weights(checkpoint, options.with(Quantization.NF4));
            long kept = weights(checkpoint, options.withinMemory(64, false).with(Quantization.NF4));

            assertThat(quantized).isLessThan(kept);
            assertThat(as).isLessThan(kept);
        }
    }

    @Test
    void theEstimateKnowsThatACheckpointComesQuantised(@TempDir Path folder) throws IOException {
        String config = Files.readString(Golden.model("qwen2-tiny").resolve("config.json"));
        Files.writeString(
                folder.resolve("config.json"),
                config.replaceFirst(
                        "\\{",
                        "{\"quantization_config\": {\"quant_method\": \"gptq\", \"bits\": 4,"
                                + " \"group_size\": 32},"));
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-tiny"))) {
            var plain = options(Golden.model("qwen2-tiny"), DType.BF16, true);

            assertThat(weights(checkpoint, options(folder, DType.BF16, true)))
                    .isEqualTo(weights(checkpoint, plain.with(Quantization.INT4)))
                    .isNotEqualTo(weights(checkpoint, plain));
        }
    }

    /** A checkpoint of what quantised weights stand for. */
    private static void writeDequantized(Path base, Quantization quantization, DType dtype, Path folder)
            throws IOException {
        var writer = new SafetensorsWriter();
        Files.createDirectories(folder);
        Files.copy(base.resolve("config.json"), folder.resolve("config.json"));
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(base);
                var dequantized = new DequantizedModel(checkpoint, quantization, dtype)) {
            checkpoint.tensors().forEach((name, tensor) -> writer.add(name, tensor.shape(), dequantized.weight(name)));
            writer.write(folder.resolve("model.safetensors"));
        }
    }

    private static long weights(ModelCheckpoint checkpoint, TrainingOptions options) {
        return MemoryEstimate.of(checkpoint.config(), options).weights();
    }

    private static TrainingOptions options(Path model, DType dtype, boolean recompute) {
        return new TrainingOptions(
                model,
                List.of(Device.CPU),
                dtype,
                DType.F32,
                Optional.of(LORA),
                new AdamW(0.9, 0.95, 1e-8, 0.1),
                1,
                7,
                4096,
                recompute);
    }

    private static List<Point> trajectory(TrainingOptions options) {
        List<Point> points = new ArrayList<>();
        try (TrainingSession session = TrainingSession.start(options)) {
            for (int step = 0; step < STEPS; step++) {
                StepResult result = session.step(rows(), 1e-2);
                points.add(new Point(result.loss(), result.gradNorm()));
            }
        }
        return points;
    }

    private static void assertSame(List<Point> found, List<Point> expected, double tolerance) {
        for (int step = 0; step < STEPS; step++) {
            assertThat(found.get(step).loss())
                    .isCloseTo(
                            expected.get(step).loss(),
                            within(tolerance * expected.get(step).loss()));
            assertThat(found.get(step).gradNorm())
                    .isCloseTo(
                            expected.get(step).gradNorm(),
                            within(10 * tolerance * expected.get(step).gradNorm()));
        }
    }

    private static List<TrainingExample> rows() {
        var random = new Random(5);
        List<TrainingExample> rows = new ArrayList<>();
        for (int row = 0; row < 4; row++) {
            int[] ids = random.ints(24, 0, 300).toArray();
            int[] labels = ids.clone();
            Arrays.fill(labels, 0, 6, -100);
            rows.add(new TrainingExample(ids, labels));
        }
        return rows;
    }
}
