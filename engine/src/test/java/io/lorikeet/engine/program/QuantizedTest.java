package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights in few bits, of which each product makes a matrix. */
class QuantizedTest {
    private static final int[] PROMPT = {5, 17, 99, 3, 250, 42, 7};
    private static final String MATRIX = "model.layers.1.self_attn.o_proj.weight";

    /** The levels of 4-bit NormalFloat as Dettmers et al. print them (arXiv:2305.14314, appendix E). */
    private static final double[] NF4 = {
        -1.0,
        -0.6961928009986877,
        -0.5250730514526367,
        -0.39491748809814453,
        -0.28444138169288635,
        -0.18477343022823334,
        -0.09105003625154495,
        0.0,
        0.07958029955625534,
        0.16093020141124725,
        0.24611230194568634,
        0.33791524171829224,
        0.44070982933044434,
        0.5626170039176941,
        0.7229568362236023,
        1.0
    };

    /** Small models of random weights lose more than those that learned something. */
    @ParameterizedTest
    @CsvSource({
        "qwen2-tiny, F32, INT8, 0.04",
        "qwen2-tiny, F32, FP8, 0.15",
        "qwen2-tiny, F32, INT4, 0.4",
        "qwen2-tiny, F32, INT4_G128, 0.4",
        "qwen2-tiny, F32, NF4, 0.4",
        "qwen2-bf16, BF16, INT8, 0.03",
        "qwen2-bf16, BF16, NF4, 0.4",
        "qwen3-tiny, F32, INT4, 0.5",
        "llama3-tiny, F32, NF4, 0.5",
        "mistral-tiny, F32, INT4, 0.5",
    })
    void logitsAreThoseOfTheModelUpToTheFormatsBits(String golden, DType dtype, WeightFormat format, double bound) {
        float[] expected = run(golden, dtype, WeightFormat.DENSE, QuantizedTest::logits);

        float[] found = run(golden, dtype, format, QuantizedTest::logits);

        assertThat(distance(found, expected)).isBetween(bound / 10, bound);
    }

    @Test
    void whatEachProductLosesIsKnown() {
        var errors = run("qwen2-tiny", DType.F32, WeightFormat.NF4, DecoderProgram::quantizationErrors);

        assertThat(errors)
                .extracting(QuantizationError::weight)
                .contains("layers.0.qkv_proj", "layers.1.down_proj")
                .doesNotContain("lm_head");
        assertThat(errors).allSatisfy(error -> assertThat(error.error()).isBetween(0.01f, 0.3f));
    }

    /** Each block of 64 less than what 8 bits make of its largest, at the nearest level. */
    @Test
    void normalFloatIsWhatThePaperSays() {
        float[] matrix = run("qwen2-tiny", DType.F32, WeightFormat.DENSE, program -> program.readWeight(MATRIX));

        float[] found = run("qwen2-tiny", DType.F32, WeightFormat.NF4, program -> program.readWeight(MATRIX));

        for (int block = 0; block < matrix.length; block += 64) {
            float largest = 0;
            float largestFound = 0;
            for (int i = block; i < block + 64; i++) {
                largest = Math.max(largest, Math.abs(matrix[i]));
                largestFound = Math.max(largestFound, Math.abs(found[i]));
            }
            // the largest of a block stands for itself, up to 8 bits of what is left of it without their mean
            assertThat(largestFound).isCloseTo(largest, within(0.03f * largest));
            for (int i = block; i < block + 64; i++) {
                assertThat(found[i]).isCloseTo((float) (nearest(matrix[i] / largest) * largestFound), within(1e-6f));
            }
        }
    }

    private static double nearest(double x) {
        double found = NF4[0];
        for (double level : NF4) {
            if (Math.abs(level - x) < Math.abs(found - x)) {
                found = level;
            }
        }
        return found;
    }

    /** A group's codes are whole steps from its zero point, which is one of them, and no number is off by more than half of one. */
    @ParameterizedTest
    @CsvSource({"INT4, 32, 15", "INT4_G128, 64, 15", "INT8, 64, 255"})
    void aGroupHasOneStepAndAZeroPoint(WeightFormat format, int group, int steps) {
        float[] matrix = run("qwen2-tiny", DType.F32, WeightFormat.DENSE, program -> program.readWeight(MATRIX));

        float[] found = run("qwen2-tiny", DType.F32, format, program -> program.readWeight(MATRIX));

        for (int first = 0; first < matrix.length; first += group) {
            float low = 0;
            float high = 0;
            for (int i = first; i < first + group; i++) {
                low = Math.min(low, matrix[i]);
                high = Math.max(high, matrix[i]);
            }
            float step = (high - low) / steps;
            for (int i = first; i < first + group; i++) {
                float codes = found[i] / step;
                assertThat(codes).isCloseTo(Math.round(codes), within(0.001f * steps));
                // at the ends the zero point's own rounding may cost another half
                assertThat(found[i]).isCloseTo(matrix[i], within(1.01f * step));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"INT8", "INT4", "NF4", "FP8"})
    void aTokenIsTheSameAloneAndAmongOthers(WeightFormat format) {
        long[] alone = run("qwen2-tiny", DType.F32, format, program -> decode(program, 1));

        long[] among = run("qwen2-tiny", DType.F32, format, program -> decode(program, 3));

        assertThat(among).isEqualTo(alone);
    }

    private static <T> T run(String golden, DType dtype, WeightFormat format, Function<DecoderProgram, T> use) {
        try (var thread = new EngineThread("test");
                ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model(golden))) {
            return thread.call(() -> {
                var options = new ProgramOptions(
                        checkpoint.config(), Device.CPU, dtype, DType.F32, 3, 64, 1, 4, TrainedLora.NONE);
                try (var program = DecoderProgram.load(options.with(format), checkpoint, PROMPT)) {
                    return use.apply(program);
                }
            });
        }
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
