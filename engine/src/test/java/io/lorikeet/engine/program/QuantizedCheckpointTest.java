package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.MergedModel;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.engine.training.TrainingSession;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints that come quantised. They are made here as their formats are defined, beside a checkpoint of what they stand for. */
class QuantizedCheckpointTest {
    private static final int[] PROMPT = SmallPrograms.PROMPT;
    private static final int GROUP = 32;
    /** Of the outputs in a word of AWQ, from its low bits on. */
    private static final int[] INTERLEAVED = {0, 2, 4, 6, 1, 3, 5, 7};

    @TempDir
    Path folder;

    /** How a test's checkpoint is written. */
    private record Kind(String method, int bits, String format, boolean ordered) {
        int perWord() {
            return 32 / bits;
        }

        String config() {
            return switch (method) {
                case "awq" ->
                    "{\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 32, \"zero_point\": true, \"version\": \"gemm\"}";
                default ->
                    "{\"quant_method\": \"gptq\", \"bits\": %d, \"group_size\": 32, \"desc_act\": %b, \"sym\": false%s}"
                            .formatted(
                                    bits,
                                    ordered,
                                    format.equals("gptq") ? "" : ", \"checkpoint_format\": \"" + format + "\"");
            };
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gptq, 4, gptq, false",
        "gptq, 4, gptq, true",
        "gptq, 8, gptq, false",
        "gptq, 4, gptq_v2, false",
        "awq, 4, , false"
    })
    void hasTheLogitsOfWhatItStandsFor(String method, int bits, String format, boolean ordered) throws IOException {
        write(new Kind(method, bits, format, ordered));

        float[] expected = logits(folder.resolve("dequantized"));

        assertThat(logits(folder.resolve("quantized"))).containsExactly(expected, within(2e-4f));
        // an output matrix in 8 bits, where 4 bits are packed
        assertThat(SmallPrograms.distance(
                        logits(
                                folder.resolve("quantized"),
                                checkpoint -> WeightFormat.serving(checkpoint, Quantization.NONE, Device.CPU)),
                        expected))
                .isLessThan(0.02);
        assertThat(expected).isNotEqualTo(logits(Golden.model("qwen2-tiny")));
    }

    @Test
    void anAdapterIsTrainedOverItAsOverWhatItStandsFor() throws IOException {
        write(new Kind("gptq", 4, "gptq", true));

        List<Double> expected = losses(folder.resolve("dequantized"));

        List<Double> found = losses(folder.resolve("quantized"));
        for (int step = 0; step < expected.size(); step++) {
            assertThat(found.get(step)).isCloseTo(expected.get(step), within(1e-3));
        }
        assertThat(expected.getLast()).isLessThan(expected.getFirst());
    }

    @Test
    void mergedItIsAModelThatIsNotQuantised() throws IOException {
        write(new Kind("awq", 4, null, false));
        Path merged = folder.resolve("merged");

        MergedModel.write(
                folder.resolve("quantized"),
                Golden.folder("qwen2-tiny").resolve("adapter-trained"),
                Quantization.NONE,
                Optional.of(DType.F32),
                merged);

        Path expected = folder.resolve("expected");
        MergedModel.write(
                folder.resolve("dequantized"),
                Golden.folder("qwen2-tiny").resolve("adapter-trained"),
                Quantization.NONE,
                Optional.of(DType.F32),
                expected);
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(merged)) {
            assertThat(checkpoint.quantization()).isEmpty();
        }
        // what the codes stand for is rounded to bfloat16
        assertThat(SmallPrograms.distance(logits(merged), logits(expected))).isLessThan(0.02);
    }

    private static List<Double> losses(Path model) {
        var options = new TrainingOptions(
                model,
                List.of(Device.CPU),
                DType.F32,
                DType.F32,
                Optional.of(new LoraConfig(4, 16, 0, LoraConfig.allLinear(), false)),
                new AdamW(0.9, 0.95, 1e-8, 0.1),
                1,
                7,
                4096,
                true);
        try (TrainingSession session = TrainingSession.start(options)) {
            return IntStream.range(0, 4)
                    .mapToObj(_ -> session.step(List.of(new TrainingExample(PROMPT, PROMPT)), 1e-2)
                            .loss())
                    .toList();
        }
    }

    @Test
    void isNotQuantisedOnceMore() throws IOException {
        write(new Kind("gptq", 4, "gptq", false));
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(folder.resolve("quantized"))) {
            assertThatThrownBy(() -> WeightFormat.serving(checkpoint, Quantization.INT8, Device.CPU))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("quantization int8: the checkpoint comes quantised, by gptq in 4 bits");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"quant_method\": \"aqlm\"} | quantization_config.quant_method: expected gptq or awq",
                "{\"quant_method\": \"gptq\", \"bits\": 3, \"group_size\": 32} | quantization_config.bits: expected 4 or 8, found 3",
                "{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 32, \"lm_head\": true} | quantization_config.lm_head: expected none",
                "{\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 32, \"version\": \"gemv\"} | expected 4 bits in version gemm",
                "{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 48} | is not a whole number of groups of 48",
            })
    void saysWhatItDoesNotRead(String config, String message) throws IOException {
        write(new Kind("gptq", 4, "gptq", false));
        describe(folder.resolve("quantized"), config);

        assertThatThrownBy(
                        () -> ModelCheckpoint.open(folder.resolve("quantized")).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
    }

    private void write(Kind kind) throws IOException {
        Path base = Golden.model("qwen2-tiny");
        var quantized = new SafetensorsWriter();
        var dequantized = new SafetensorsWriter();
        var random = new Random(3);
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(base)) {
            ModelConfig config = checkpoint.config();
            List<String> modules = IntStream.range(0, config.numHiddenLayers())
                    .boxed()
                    .flatMap(layer -> Arrays.stream(LinearModule.values()).map(m -> m.path(layer)))
                    .toList();
            DecoderLayout.of(config).shapes().forEach((name, shape) -> {
                String module = name.replaceFirst("\\.weight$", "");
                if (modules.contains(module)) {
                    float[] stoodFor = write(quantized, module, kind, (int) shape[0], (int) shape[1], random);
                    dequantized.add(name, shape, stoodFor);
                } else {
                    quantized.add(checkpoint.tensor(name));
                    dequantized.add(checkpoint.tensor(name));
                }
            });
            // as AutoGPTQ does for modules without one
            quantized.add(
                    "model.layers.0.self_attn.o_proj.bias",
                    new long[] {config.hiddenSize()},
                    new float[config.hiddenSize()]);
            for (String made : List.of("quantized", "dequantized")) {
                Files.createDirectories(folder.resolve(made));
                Files.copy(base.resolve("config.json"), folder.resolve(made).resolve("config.json"));
            }
            describe(folder.resolve("quantized"), kind.config());
            quantized.write(folder.resolve("quantized/model.safetensors"));
            dequantized.write(folder.resolve("dequantized/model.safetensors"));
        }
    }

    private static void describe(Path model, String quantization) throws IOException {
        var json = JsonMapper.builder().build();
        var config = (ObjectNode) json.readTree(model.resolve("config.json").toFile());
        config.set("quantization_config", json.readTree(quantization));
        Files.writeString(model.resolve("config.json"), config.toString());
    }

    /** Random codes of a module [out, in], written as the kind has them -> what they stand for. */
    private static float[] write(SafetensorsWriter writer, String path, Kind kind, int out, int in, Random random) {
        int most = (1 << kind.bits()) - 1;
        int groups = in / GROUP;
        List<Integer> order = new ArrayList<>(
                IntStream.range(0, in).map(i -> i / GROUP).boxed().toList());
        if (kind.ordered()) {
            // one order for all modules of an input, as the inputs' own sizes give it
            Collections.shuffle(order, new Random(in));
        }
        int[][] codes = new int[out][in];
        int[][] zeros = new int[groups][out];
        short[] scales = new short[groups * out];
        float[] stoodFor = new float[out * in];
        for (int g = 0; g < groups; g++) {
            for (int o = 0; o < out; o++) {
                zeros[g][o] = 1 + random.nextInt(most);
                scales[g * out + o] = Float.floatToFloat16((1 + random.nextFloat()) * 0.4f / most);
            }
        }
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                codes[o][i] = random.nextInt(most + 1);
                int g = order.get(i);
                stoodFor[o * in + i] = (codes[o][i] - zeros[g][o]) * Float.float16ToFloat(scales[g * out + o]);
            }
        }
        boolean awq = kind.method().equals("awq");
        int perWord = kind.perWord();
        int[] words = new int[in * out / perWord];
        int[] zeroWords = new int[groups * out / perWord];
        int stored = kind.format() != null && kind.format().equals("gptq") ? 1 : 0;
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                if (awq) {
                    words[i * (out / 8) + o / 8] |= codes[o][i] << (4 * nibble(o % 8));
                } else {
                    words[i / perWord * out + o] |= codes[o][i] << (kind.bits() * (i % perWord));
                }
            }
            for (int g = 0; g < groups; g++) {
                int shift = kind.bits() * (awq ? nibble(o % 8) : o % perWord);
                zeroWords[g * (out / perWord) + o / perWord] |= (zeros[g][o] - stored) << shift;
            }
        }
        long[] wordShape = awq ? new long[] {in, out / 8} : new long[] {in / perWord, out};
        writer.add(path + ".qweight", DType.I32, wordShape, () -> ints(words));
        writer.add(path + ".qzeros", DType.I32, new long[] {groups, out / perWord}, () -> ints(zeroWords));
        writer.add(path + ".scales", DType.F16, new long[] {groups, out}, () -> shorts(scales));
        if (!awq) {
            int[] indices = order.stream().mapToInt(Integer::intValue).toArray();
            writer.add(path + ".g_idx", DType.I32, new long[] {in}, () -> ints(indices));
        }
        return stoodFor;
    }

    private static int nibble(int output) {
        return IntStream.range(0, 8)
                .filter(n -> INTERLEAVED[n] == output)
                .findFirst()
                .orElseThrow();
    }

    private static MemorySegment ints(int[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[4 * values.length]);
        MemorySegment.copy(
                values, 0, bytes, ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, values.length);
        return bytes;
    }

    private static MemorySegment shorts(short[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[2 * values.length]);
        MemorySegment.copy(
                values,
                0,
                bytes,
                ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                0,
                values.length);
        return bytes;
    }

    /** Of the weights as they are trained over. */
    private static float[] logits(Path model) {
        return logits(model, checkpoint -> WeightFormat.training(checkpoint, Quantization.NONE));
    }

    private static float[] logits(Path model, Function<ModelCheckpoint, WeightFormat> format) {
        try (var thread = new EngineThread("test");
                ModelCheckpoint checkpoint = ModelCheckpoint.open(model)) {
            return thread.call(() -> {
                var options = new ProgramOptions(
                        checkpoint.config(), Device.CPU, DType.F32, DType.F32, 3, 64, 1, 4, TrainedLora.NONE);
                try (var program = DecoderProgram.load(options.with(format.apply(checkpoint)), checkpoint)) {
                    return program.serve().logits(PROMPT, 0, Optional.empty());
                }
            });
        }
    }
}
