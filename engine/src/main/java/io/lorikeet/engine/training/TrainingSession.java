package io.lorikeet.engine.training;

import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.DType;
import io.lorikeet.engine.checkpoint.Qwen2Checkpoint;
import io.lorikeet.engine.checkpoint.Qwen2Config;
import io.lorikeet.engine.generation.BatchGenerator;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.StopTokens;
import io.lorikeet.engine.generation.TextDecoder;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.OutOfMemoryException;
import io.lorikeet.engine.program.PackedPass;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.Qwen2Program;
import io.lorikeet.engine.program.Qwen2Program.Kept;
import io.lorikeet.engine.program.Qwen2Program.PassTotals;
import io.lorikeet.engine.program.Qwen2Program.Update;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * A model in training. Each {@link #step} is one optimiser step over a window of rows: the window's passes forward and
 * backward, then clipping and AdamW. Schedules, data and files are the caller's.
 */
public final class TrainingSession implements AutoCloseable {
    /** Supervised tokens whose logits exist at once. */
    static final int LOSS_CHUNK = 256;
    /** What acceptance questions need: few at once, short. */
    private static final int ANSWER_SEQUENCES = 8;

    private static final int ANSWER_LENGTH = 4096;

    private final EngineThread thread = new EngineThread("training");
    private final PassListener listener;
    private final Qwen2Config config;
    private final Optional<LoraParameters> lora;
    private final Qwen2Program program;
    private final List<String> parameterNames;
    private final long trainableParameters;
    private final String fingerprint;
    private Optional<BatchGenerator> generator = Optional.empty();
    private long steps;
    private volatile TrainingOptions options;

    private TrainingSession(TrainingOptions options, PassListener listener, Qwen2Checkpoint checkpoint) {
        this.options = options;
        this.listener = listener;
        config = checkpoint.config();
        fingerprint = checkpoint.fingerprint();
        lora = options.lora().map(settings -> new LoraParameters(settings, config));
        program = thread.call(() -> load(checkpoint));
        parameterNames = lora.map(LoraParameters::names).orElseGet(this::stackedWeightNames);
        trainableParameters = lora.isPresent()
                ? count(parameterNames, i -> program.readTraining(Kept.PARAMETER, i).length)
                : checkpoint.tensors().values().stream()
                        .mapToLong(tensor -> tensor.elementCount())
                        .sum();
    }

    /** Loads the model and makes its first parameters. */
    public static TrainingSession start(TrainingOptions options) {
        return start(options, _ -> {});
    }

    /** The same with a listener. */
    public static TrainingSession start(TrainingOptions options, PassListener listener) {
        try (Qwen2Checkpoint checkpoint = Qwen2Checkpoint.open(options.model())) {
            return new TrainingSession(options, listener, checkpoint);
        }
    }

    private Qwen2Program load(Qwen2Checkpoint checkpoint) {
        Qwen2Program loaded = Qwen2Program.load(
                new ProgramOptions(
                        config,
                        options.device(),
                        options.dtype(),
                        options.rotaryDtype(),
                        ANSWER_SEQUENCES,
                        Math.min(config.maxPositionEmbeddings(), ANSWER_LENGTH),
                        1,
                        options.lora().map(settings -> settings.r()).orElse(1),
                        lora.map(LoraParameters::layout).orElse(TrainedLora.NONE)),
                checkpoint);
        lora.ifPresentOrElse(
                parameters -> loaded.allocateTraining(parameters.initial(options.seed())),
                loaded::allocateFullTraining);
        return loaded;
    }

    /** In full training the parameters are the program's stacked weights: seven a layer, then two or three. */
    private List<String> stackedWeightNames() {
        int count = 7 * config.numHiddenLayers() + (config.tieWordEmbeddings() ? 2 : 3);
        return IntStream.range(0, count).mapToObj(i -> "weights." + i).toList();
    }

    private long count(List<String> names, ToLongFunction<Integer> size) {
        return thread.call(
                () -> IntStream.range(0, names.size()).boxed().mapToLong(size).sum());
    }

    /** Checks the rows of a window and packs them; on any thread, also while a step runs. */
    public PreparedWindow prepare(List<TrainingExample> window) {
        check(window);
        return PreparedWindow.of(window, options.maxTokensPerPass());
    }

    /** One optimiser step over a window of rows; see {@link #step(PreparedWindow, double)}. */
    public StepResult step(List<TrainingExample> window, double learningRate) {
        return step(prepare(window), learningRate);
    }

    /**
     * One optimiser step over a window of rows, at a learning rate. A step whose gradient is not finite changes nothing and
     * says so. A window for which the device has no memory is tried once more in passes of half as many tokens, with
     * recomputation; those limits then stay ({@link #options}).
     *
     * @throws OutOfMemoryException if that does not fit either; nothing was updated
     */
    public StepResult step(PreparedWindow window, double learningRate) {
        return thread.call(() -> {
            int passes = withinMemory(window, split -> trainPasses(split, window.supervisedTokens()));
            AdamW adamW = options.adamW();
            Update update = program.trainUpdate(
                    learningRate,
                    adamW.beta1(),
                    adamW.beta2(),
                    adamW.eps(),
                    adamW.weightDecay(),
                    options.maxGradNorm());
            steps++;
            return new StepResult(
                    update.loss(),
                    update.gradNorm(),
                    (double) update.correct() / window.supervisedTokens(),
                    window.supervisedTokens(),
                    window.tokens(),
                    passes,
                    update.skipped());
        });
    }

    /** Runs the passes; what they add up stays on the device until the update. Returns how many they are. */
    private int trainPasses(List<PackedPass> passes, long supervised) {
        for (int p = 0; p < passes.size(); p++) {
            program.trainPass(
                    passes.get(p),
                    (double) supervised,
                    dropoutSeed(steps, p),
                    LOSS_CHUNK,
                    options.gradientCheckpointing());
            int left = passes.size() - 1 - p;
            try {
                listener.passed(left);
            } catch (RuntimeException e) {
                program.discardGradients();
                throw e;
            }
        }
        return passes.size();
    }

    private PassTotals evaluatePasses(List<PackedPass> passes) {
        double loss = 0;
        long correct = 0;
        for (int p = 0; p < passes.size(); p++) {
            PassTotals totals = program.evaluatePass(passes.get(p), LOSS_CHUNK);
            loss += totals.loss();
            correct += totals.correct();
            listener.passed(passes.size() - 1 - p);
        }
        return new PassTotals(loss, correct);
    }

    /** Runs a window's passes; if the device's memory does not suffice, once more in smaller ones. */
    private <T> T withinMemory(PreparedWindow window, Function<List<PackedPass>, T> run) {
        PreparedWindow packed = window.within(options.maxTokensPerPass());
        try {
            return run.apply(packed.passes());
        } catch (OutOfMemoryException first) {
            program.discardGradients();
            TrainingOptions tried = options;
            options = tried.withinMemory(Math.max(1, packed.largestPass() / 2), true);
            PreparedWindow halved = window.within(options.maxTokensPerPass());
            try {
                return run.apply(halved.passes());
            } catch (OutOfMemoryException second) {
                program.discardGradients();
                throw new OutOfMemoryException(
                        MemoryEstimate.of(config, options).explain(packed, tried.gradientCheckpointing(), halved),
                        second);
            }
        }
    }

    /** Loss and accuracy over rows, without dropout and without training on them. */
    public EvalResult evaluate(List<TrainingExample> rows) {
        PreparedWindow all = prepare(rows);
        long supervised = all.supervisedTokens();
        return thread.call(() -> {
            PassTotals sums = withinMemory(all, this::evaluatePasses);
            return new EvalResult(sums.loss() / supervised, (double) sums.correct() / supervised, supervised);
        });
    }

    /** Greedy answers of the model as it is now, one a conversation. */
    public List<String> answer(List<List<ChatMessage>> conversations, int maxNewTokens) {
        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(options.model())) {
            List<int[]> prompts = conversations.stream()
                    .map(tokenizer.chatTemplate()::encodePrompt)
                    .toList();
            return thread
                    .call(() -> generator()
                            .generate(
                                    prompts,
                                    lora.map(this::adapter),
                                    StopTokens.of(options.model(), config, tokenizer),
                                    maxNewTokens,
                                    () -> TextDecoder.of(tokenizer),
                                    () -> listener.passed(1)))
                    .stream()
                    .map(GenerationResult::text)
                    .toList();
        }
    }

    /** Logits of a row of token ids under the model as it is now: float32 [tokens, vocabSize], row-major. */
    public float[] logits(int[] inputIds) {
        return thread.call(() -> generator().logits(inputIds, lora.map(this::adapter)));
    }

    private BatchGenerator generator() {
        if (generator.isEmpty()) {
            generator = Optional.of(new BatchGenerator(program));
        }
        return generator.get();
    }

    /** The adapter as it is now. Only in LoRA training. */
    public PeftAdapter exportAdapter() {
        LoraParameters parameters = requireLora("exportAdapter");
        return thread.call(() -> adapter(parameters));
    }

    /** Begins from an adapter instead of the first values. Only in LoRA training. */
    public void loadAdapter(PeftAdapter adapter) {
        List<float[]> values = requireLora("loadAdapter").values(adapter);
        thread.run(() -> {
            for (int i = 0; i < values.size(); i++) {
                program.writeTraining(Kept.PARAMETER, i, values.get(i));
            }
        });
    }

    /** Writes the trained model as a checkpoint directory. Only in full training. */
    public void saveModel(Path directory, DType dtype) {
        if (lora.isPresent()) {
            throw new IllegalStateException("saveModel: an adapter is in training; use exportAdapter");
        }
        thread.run(() -> ModelWriter.write(program, options.model(), dtype, directory));
    }

    /** Writes what {@link #loadState} needs to go on as if nothing had happened; whole under its name, or not there. */
    public void saveState(Path file) {
        thread.run(() -> TrainingState.save(program, parameterNames, steps, file));
    }

    /** Goes on from a saved state of a training with the same options. */
    public void loadState(Path file) {
        steps = thread.call(() -> TrainingState.load(program, parameterNames, file));
    }

    /** Steps done, those of resumed states included. */
    public long steps() {
        return steps;
    }

    /** The options as they are now: running out of memory lowers the limits of a pass. */
    public TrainingOptions options() {
        return options;
    }

    public long trainableParameters() {
        return trainableParameters;
    }

    public Qwen2Config config() {
        return config;
    }

    /** The base model's fingerprint. */
    public String fingerprint() {
        return fingerprint;
    }

    private PeftAdapter adapter(LoraParameters parameters) {
        return parameters.adapter(IntStream.range(0, parameterNames.size())
                .mapToObj(i -> program.readTraining(Kept.PARAMETER, i))
                .toList());
    }

    private LoraParameters requireLora(String method) {
        return lora.orElseThrow(
                () -> new IllegalStateException(method + ": every weight is in training; use saveModel"));
    }

    private void check(List<TrainingExample> rows) {
        for (int r = 0; r < rows.size(); r++) {
            TrainingExample row = rows.get(r);
            if (row.length() > config.maxPositionEmbeddings()) {
                throw new TrainingException("row " + r + " has " + row.length() + " tokens; the model's "
                        + "max_position_embeddings is " + config.maxPositionEmbeddings());
            }
            for (int id : row.inputIds()) {
                if (id < 0 || id >= config.vocabSize()) {
                    throw new TrainingException("row " + r + " has token " + id + "; the model's vocab_size is "
                            + config.vocabSize() + ": model and tokenizer do not belong together");
                }
            }
        }
        if (PreparedWindow.supervisedTokens(rows) == 0) {
            throw new TrainingException("none of " + rows.size() + " rows has a token to learn");
        }
    }

    /** Depends on the step alone, so that a resumed training drops what the uninterrupted one would have. */
    private long dropoutSeed(long step, int pass) {
        long mixed = options.seed() * 0x9E3779B97F4A7C15L + step * 0xD1B54A32D192ED03L + pass * 0x8CB92BA72F3D8DD7L;
        return (mixed ^ (mixed >>> 29)) & 0x7fff_ffffL;
    }

    @Override
    public void close() {
        thread.run(program::close);
        thread.close();
    }
}
