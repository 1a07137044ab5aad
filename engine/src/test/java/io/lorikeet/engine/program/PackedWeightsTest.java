package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packing changes where the weights' elements lie, and nothing else. */
class PackedWeightsTest {
    private static final int[] PROMPT = {5, 17, 99, 3, 250, 42, 7};
    private static final int STEPS = 8;

    @SuppressWarnings("ArrayRecordComponent") // compared element by element
    private record Outcome(float[] logits, long[] tokens) {}

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-tiny", "qwen2-tied-sharded", "qwen2-bf16"})
    void aFloat32ModelComputesTheSame(String golden) {
        Outcome expected = run(golden, DType.F32, WeightFormat.DENSE);
        Outcome packed = run(golden, DType.F32, WeightFormat.PACKED);

        assertThat(packed.logits).containsExactly(expected.logits, within(1e-4f));
        assertThat(packed.tokens).isEqualTo(expected.tokens);
    }

    @Test
    void aBfloat16ModelComputesTheSameUpToItsRounding() {
        Outcome expected = run("qwen2-bf16", DType.BF16, WeightFormat.DENSE);
        Outcome packed = run("qwen2-bf16", DType.BF16, WeightFormat.PACKED);

        float largest = 0;
        for (float logit : expected.logits) {
            largest = Math.max(largest, Math.abs(logit));
        }
        // a few units in the last place of eight bits
        assertThat(packed.logits).containsExactly(expected.logits, within(largest / 64));
    }

    private static Outcome run(String golden, DType dtype, WeightFormat format) {
        var thread = new EngineThread("test");
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model(golden))) {
            return thread.call(() -> {
                var options = new ProgramOptions(
                        checkpoint.config(), Device.CPU, dtype, DType.F32, 2, 64, 1, 4, TrainedLora.NONE);
                try (var decoder = DecoderProgram.load(options.with(format), checkpoint, PROMPT)) {
                    ServingProgram program = decoder.serve();
                    float[] logits = program.logits(PROMPT, 0, program.baseSlot());
                    program.openSlot(0, program.baseSlot(), new SlotSampling(0, 1, 0, 1, 1, 0, 0, 1));
                    long[] tokens = new long[STEPS];
                    tokens[0] = program.prefillLast(PROMPT, 0, 0, program.baseSlot(), StepFlags.NONE);
                    for (int step = 1; step < STEPS; step++) {
                        program.decode(1, 64, StepFlags.NONE);
                        tokens[step] = program.readTokens(1)[0];
                    }
                    return new Outcome(logits, tokens);
                }
            });
        } finally {
            thread.close();
        }
    }
}
