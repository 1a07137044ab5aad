package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A layer's window hides the same positions however a text comes: whole, in chunks, or token by token. */
class SlidingWindowTest {
    private static final int POSITIONS = 96;
    private static final int[] PROMPT = new Random(5).ints(40, 4, 480).toArray();
    private static final int STEPS = 30;
    private static final EngineThread THREAD = new EngineThread("test");

    private static DecoderProgram decoder;
    private static ServingProgram program;
    private static int vocabulary;

    @BeforeAll
    static void load() {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-sliding"))) {
            vocabulary = checkpoint.config().vocabSize();
            var options = new ProgramOptions(
                    checkpoint.config(), Device.CPU, DType.F32, DType.F32, 2, POSITIONS, 1, 4, TrainedLora.NONE);
            THREAD.run(() -> {
                decoder = DecoderProgram.load(options, checkpoint);
                program = decoder.serve();
            });
        }
    }

    @AfterAll
    static void close() {
        THREAD.run(decoder::close);
        THREAD.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 16, 39})
    void aPromptInChunksIsAnsweredAsTheWholeOne(int chunk) {
        assertThat(answer(chunk)).isEqualTo(answer(PROMPT.length));
    }

    @Test
    void anAnswerIsWhatAPromptWithItWouldContinue() {
        long[] answer = answer(PROMPT.length);
        int[] whole = Arrays.copyOf(PROMPT, PROMPT.length + STEPS - 1);
        for (int step = 0; step < STEPS - 1; step++) {
            whole[PROMPT.length + step] = (int) answer[step];
        }
        float[] logits = THREAD.call(() -> program.logits(whole, 0, Optional.empty()));
        for (int step = 0; step < STEPS; step++) {
            assertThat(likeliest(logits, PROMPT.length - 1 + step)).isEqualTo(answer[step]);
        }
    }

    /** Greedy, from slot 1, while slot 0 runs nothing. */
    private static long[] answer(int chunk) {
        return THREAD.call(() -> {
            program.openSlot(1, Optional.empty(), SlotSampling.GREEDY);
            int start = 0;
            while (PROMPT.length - start > chunk) {
                program.prefill(Arrays.copyOfRange(PROMPT, start, start + chunk), 1, start);
                start += chunk;
            }
            long[] tokens = new long[STEPS];
            int[] last = Arrays.copyOfRange(PROMPT, start, PROMPT.length);
            tokens[0] = program.prefillLast(last, 1, start, StepFlags.NONE);
            for (int step = 1; step < STEPS; step++) {
                program.decode(2, PROMPT.length + step, StepFlags.NONE);
                tokens[step] = program.readTokens(2)[1];
            }
            program.closeSlot(1);
            return tokens;
        });
    }

    private static int likeliest(float[] logits, int position) {
        int best = 0;
        for (int token = 1; token < vocabulary; token++) {
            if (logits[position * vocabulary + token] > logits[position * vocabulary + best]) {
                best = token;
            }
        }
        return best;
    }
}
