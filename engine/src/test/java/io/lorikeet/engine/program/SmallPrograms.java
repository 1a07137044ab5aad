package io.lorikeet.engine.program;

import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Programs of small models, whose weights are held in one way or another, and how far apart their answers are. */
final class SmallPrograms {
    static final int[] PROMPT = {5, 17, 99, 3, 250, 42, 7};

    private SmallPrograms() {}

    /** What one makes of the program of a model, on the processor. */
    static <T> T run(Path model, DType dtype, WeightFormat format, Function<DecoderProgram, T> use) {
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

    static ProgramOptions options(ModelCheckpoint checkpoint, Device device, DType dtype, WeightFormat format) {
        return new ProgramOptions(checkpoint.config(), device, dtype, DType.F32, 3, 64, 1, 4, TrainedLora.NONE)
                .with(format);
    }

    static float[] logits(DecoderProgram program) {
        return program.serve().logits(PROMPT, 0, Optional.empty());
    }

    /** The tokens of the first of so many sequences. */
    static long[] decode(DecoderProgram program, int sequences) {
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
    static double distance(float[] found, float[] expected) {
        double off = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            off += Math.pow(found[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return Math.sqrt(off / size);
    }
}
