package io.lorikeet.engine.program;

import static io.lorikeet.engine.program.SmallPrograms.decode;
import static io.lorikeet.engine.program.SmallPrograms.distance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.model.DType;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights in few bits, of which each product makes a matrix. */
class QuantizedTest {
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
        float[] expected = run(golden, dtype, WeightFormat.DENSE, SmallPrograms::logits);

        float[] found = run(golden, dtype, format, SmallPrograms::logits);

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

    /** The codes are the same; scales and zero points are in the type of the activations, and the output matrix is in 8 bits. */
    @ParameterizedTest
    @CsvSource({"PACKED_INT4, INT4", "PACKED_INT4_G128, INT4_G128"})
    @EnabledIfSystemProperty(named = "os.arch", matches = "amd64", disabledReason = "packed there alone")
    void whatIsPackedStandsForWhatIsTrainedOver(WeightFormat packed, WeightFormat plain) {
        float[] expected = run("qwen2-tiny", DType.F32, plain, program -> program.readWeight(MATRIX));

        float[] found = run("qwen2-tiny", DType.F32, packed, program -> program.readWeight(MATRIX));

        assertThat(found).containsExactly(expected, within(1e-6f));
    }

    /** A decode step's product is the one of a matrix that a prompt's rows share. */
    @ParameterizedTest
    @CsvSource({"qwen2-tiny, F32, 0.02", "qwen2-bf16, BF16, 0.03"})
    @EnabledIfSystemProperty(named = "os.arch", matches = "amd64", disabledReason = "packed there alone")
    void fewRowsAreMultipliedWithTheSameWeights(String golden, DType dtype, double bound) {
        float[] expected = run(golden, dtype, WeightFormat.INT4, SmallPrograms::logits);

        float[] found = run(golden, dtype, WeightFormat.PACKED_INT4, SmallPrograms::logits);

        assertThat(distance(found, expected)).isLessThan(bound);
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
    @CsvSource({"INT8", "INT4", "PACKED_INT4", "NF4", "FP8"})
    void aTokenIsTheSameAloneAndAmongOthers(WeightFormat format) {
        long[] alone = run("qwen2-tiny", DType.F32, format, program -> decode(program, 1));

        long[] among = run("qwen2-tiny", DType.F32, format, program -> decode(program, 3));

        assertThat(among).isEqualTo(alone);
    }

    private static <T> T run(String golden, DType dtype, WeightFormat format, Function<DecoderProgram, T> use) {
        return SmallPrograms.run(Golden.model(golden), dtype, format, use);
    }
}
