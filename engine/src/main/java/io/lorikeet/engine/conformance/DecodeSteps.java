package io.lorikeet.engine.conformance;

import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.generation.BatchGenerator;
import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.ServingProgram;
import io.lorikeet.engine.program.SlotSampling;
import io.lorikeet.engine.program.StepFlags;
import io.lorikeet.engine.program.WeightFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decode steps on a device against float32: running sequences of several lengths, every second with an adapter, say some tokens;
 * then a program in float32 on the processor gives the logits of all that was said. With kernels of our own and without; the steps
 * run piece by piece, are captured, and run as graphs, which must give the very same logits.
 */
final class DecodeSteps {
    private static final int STEPS = 12;
    private static final int SHORTEST = 5;
    /** Piece by piece, captured, launched again. */
    private static final int ROUNDS = 3;

    private final Path folder;
    private final Device device;
    private final int sequences;
    private final List<int[]> prompts = new ArrayList<>();

    /** What a round said: prompts with answers, and the logits of each step, [sequence, step, vocabulary]. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    private record Said(List<int[]> texts, float[] logits) {}

    private DecodeSteps(Path folder, Device device, int sequences, int[][] rows) {
        this.folder = folder;
        this.device = device;
        this.sequences = sequences;
        for (int s = 0; s < sequences; s++) {
            int[] row = rows[s % rows.length];
            prompts.add(Arrays.copyOf(row, Math.min(SHORTEST + s, row.length - STEPS)));
        }
    }

    /** The comparisons for numbers of sequences that make different kernels. */
    static List<Check> run(Path folder, Device device, int[][] rows, double bound) {
        List<Check> checks = new ArrayList<>();
        for (int sequences : new int[] {1, 5, 32, 61}) {
            for (Kernels kernels : Kernels.values()) {
                checks.addAll(new DecodeSteps(folder, device, sequences, rows).compare(kernels, bound));
            }
        }
        return checks;
    }

    private List<Check> compare(Kernels kernels, double bound) {
        String what = sequences + " sequences, kernels " + kernels.id();
        List<Check> checks = new ArrayList<>();
        List<Said> said = serve(device, kernels, program -> {
            List<Said> rounds = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                rounds.add(decode(program));
            }
            if (program.hasKernels() != (kernels == Kernels.AUTO)) {
                checks.add(new Check(what + ": has kernels", 1, 0));
            }
            return rounds;
        });
        float[] expected = serve(Device.CPU, Kernels.OFF, program -> reference(said.getFirst(), program));
        var difference = new Difference(expected);
        difference.add(said.getFirst().logits());
        checks.add(new Check(what, difference.in(DType.BF16), bound));
        int other = 0;
        for (Said round : said) {
            other += Arrays.equals(round.logits(), said.getFirst().logits()) ? 0 : 1;
        }
        checks.add(new Check(what + ": captured is eager", other, 0));
        return checks;
    }

    private Said decode(ServingProgram program) {
        List<int[]> texts = new ArrayList<>();
        for (int s = 0; s < sequences; s++) {
            int[] prompt = prompts.get(s);
            program.openSlot(s, place(program, s), SlotSampling.GREEDY);
            int first = program.prefillLast(prompt, s, 0, StepFlags.NONE);
            int[] text = Arrays.copyOf(prompt, prompt.length + STEPS + 1);
            text[prompt.length] = first;
            texts.add(text);
        }
        int vocabulary = program.options().config().vocabSize();
        float[] logits = new float[sequences * STEPS * vocabulary];
        int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow();
        for (int step = 0; step < STEPS; step++) {
            program.decodeLogits(sequences, longest + step + 1);
            program.choose(sequences, StepFlags.NONE);
            long[] tokens = program.readTokens(sequences);
            float[] found = program.stepLogits(sequences);
            for (int s = 0; s < sequences; s++) {
                texts.get(s)[prompts.get(s).length + step + 1] = (int) tokens[s];
                System.arraycopy(found, s * vocabulary, logits, (s * STEPS + step) * vocabulary, vocabulary);
            }
        }
        for (int s = 0; s < sequences; s++) {
            program.closeSlot(s);
        }
        return new Said(texts, logits);
    }

    private float[] reference(Said said, ServingProgram program) {
        int vocabulary = program.options().config().vocabSize();
        float[] logits = new float[sequences * STEPS * vocabulary];
        for (int s = 0; s < sequences; s++) {
            int[] text = said.texts().get(s);
            // the last token was chosen and never run
            int[] run = Arrays.copyOf(text, text.length - 1);
            float[] found = program.lastLogits(run, STEPS, run.length, s, place(program, s));
            System.arraycopy(found, 0, logits, s * STEPS * vocabulary, found.length);
        }
        return logits;
    }

    private Optional<AdapterPlace> place(ServingProgram program, int sequence) {
        return sequence % 2 == 1
                ? Optional.empty()
                : Optional.of(AdapterPlace.of(
                        0,
                        program.options().loraRankRows() - program.options().maxLoraRank(),
                        program.options().maxLoraRank(),
                        false));
    }

    private <T> T serve(Device on, Kernels kernels, Function<ServingProgram, T> use) {
        try (var thread = new EngineThread("conformance");
                ModelCheckpoint checkpoint = ModelCheckpoint.open(folder.resolve("model"))) {
            ModelConfig config = checkpoint.config();
            PeftAdapter adapter = PeftAdapter.read(folder.resolve("adapter-trained"), config);
            // rank rows of which the last are the adapter's
            int rankRows = 8 * Math.ceilDiv(2 * adapter.rank(), 8);
            var options = new ProgramOptions(
                    config,
                    on,
                    on.dtype(),
                    DType.F32,
                    sequences,
                    config.maxPositionEmbeddings(),
                    1,
                    adapter.rank(),
                    rankRows,
                    TrainedLora.NONE,
                    WeightFormat.DENSE,
                    kernels);
            return thread.call(() -> {
                try (DecoderProgram program = DecoderProgram.load(options, checkpoint)) {
                    new BatchGenerator(program)
                            .load(adapter, place(program.serve(), 0).orElseThrow());
                    return use.apply(program.serve());
                }
            });
        }
    }
}
