package io.lorikeet.engine.training;

import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.generation.BatchGenerator;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.StopTokens;
import io.lorikeet.engine.generation.TextDecoder;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.MicroBatch;
import io.lorikeet.engine.program.OutOfMemoryException;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.TrainingProgram;
import io.lorikeet.engine.program.TrainingProgram.Kept;
import io.lorikeet.engine.program.TrainingProgram.Totals;
import io.lorikeet.engine.program.TrainingProgram.Update;
import io.lorikeet.engine.program.WeightFormat;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A model in training. Each {@link #step} is one optimiser step over a batch of rows: the batch's micro-batches forward and
 * backward, then clipping and AdamW. Schedules, data and files are the caller's.
 */
public final class TrainingSession implements AutoCloseable {
    /** Supervised tokens whose logits exist at once. */
    static final int LOSS_CHUNK = 256;
    /** What acceptance questions need: few at once, short. */
    private static final int ANSWER_SEQUENCES = 8;

    private static final int ANSWER_LENGTH = 4096;

    private final MicroBatchListener listener;
    private final ModelConfig config;
    private final Optional<LoraParameters> lora;
    private final Replicas replicas;
    /** The first replica, which alone knows the parameters: what is asked of the model as it is now is asked of it. */
    private final Replica first;

    private final TrainingProgram training;
    private final List<String> parameterNames;
    private final long trainableParameters;
    private final String fingerprint;
    private Optional<BatchGenerator> generator = Optional.empty();
    private volatile long steps;
    private volatile TrainingOptions options;

    private TrainingSession(TrainingOptions options, MicroBatchListener listener, ModelCheckpoint checkpoint) {
        this.options = options;
        this.listener = listener;
        config = checkpoint.config();
        if (options.lora().isEmpty() && checkpoint.quantization().isPresent()) {
            throw new TrainingException(
                    checkpoint.directory() + ": comes quantised, so its weights cannot be trained; train an adapter");
        }
        fingerprint = checkpoint.fingerprint(options.quantization());
        lora = options.lora().map(settings -> new LoraParameters(settings, config));
        List<Matrix> firstValues =
                lora.map(parameters -> parameters.initial(options.seed())).orElseGet(List::of);
        replicas = new Replicas(
                options.devices(),
                device -> load(checkpoint, device),
                (program, updates) -> program.train(firstValues, updates));
        first = replicas.first();
        training = first.training();
        if (lora.filter(LoraParameters::haveMagnitudes).isPresent()) {
            first.run(training::beginMagnitudes);
            replicas.spread();
        }
        parameterNames = lora.map(LoraParameters::names).orElseGet(this::weightNames);
        trainableParameters = MemoryEstimate.trainableParameters(config, options.lora());
    }

    /** Loads the model and makes its first parameters. */
    public static TrainingSession start(TrainingOptions options) {
        return start(options, _ -> {});
    }

    /** The same with a listener. */
    public static TrainingSession start(TrainingOptions options, MicroBatchListener listener) {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(options.model())) {
            return new TrainingSession(options, listener, checkpoint);
        }
    }

    private DecoderProgram load(ModelCheckpoint checkpoint, Device device) {
        var programOptions = new ProgramOptions(
                config,
                device,
                options.dtype(),
                options.rotaryDtype(),
                ANSWER_SEQUENCES,
                Math.min(config.maxPositionEmbeddings(), ANSWER_LENGTH),
                1,
                options.lora().map(settings -> settings.r()).orElse(1),
                lora.map(parameters -> parameters.layout(options.loraPlusLrRatio()))
                        .orElse(TrainedLora.NONE));
        return DecoderProgram.load(
                programOptions.with(WeightFormat.training(checkpoint, options.quantization())), checkpoint);
    }

    /** In full training the parameters are the program's weights. */
    private List<String> weightNames() {
        return IntStream.range(0, DecoderLayout.of(config).weightCount())
                .mapToObj(i -> "weights." + i)
                .toList();
    }

    /** Checks the rows of a batch and packs them; on any thread, also while a step runs. */
    public PreparedBatch prepare(List<TrainingExample> batch) {
        check(batch);
        return PreparedBatch.of(batch, Packer.of(options));
    }

    /** One optimiser step over a batch of rows; see {@link #step(PreparedBatch, double)}. */
    public StepResult step(List<TrainingExample> batch, double learningRate) {
        return step(prepare(batch), learningRate);
    }

    /**
     * One optimiser step over a batch of rows, at a learning rate. A step whose gradient is not finite changes nothing and
     * says so. A batch for which the device has no memory is tried once more in micro-batches of half as many tokens, with
     * recomputation; those limits then stay ({@link #options}).
     *
     * @throws OutOfMemoryException if that does not fit either; nothing was updated
     */
    public synchronized StepResult step(PreparedBatch batch, double learningRate) {
        int microBatches = withinMemory(batch, (program, microBatch, nth) -> {
                    program.forwardBackward(
                            microBatch,
                            (double) batch.supervisedTokens(),
                            dropoutSeed(steps, nth),
                            LOSS_CHUNK,
                            options.gradientCheckpointing());
                    return nth;
                })
                .size();
        AdamW adamW = options.adamW();
        Update update = replicas.update(program -> program.update(
                learningRate, adamW.beta1(), adamW.beta2(), adamW.eps(), adamW.weightDecay(), options.maxGradNorm()));
        steps++;
        return new StepResult(
                update.loss(),
                update.gradNorm(),
                (double) update.correct() / batch.supervisedTokens(),
                batch.supervisedTokens(),
                batch.tokens(),
                microBatches,
                update.skipped());
    }

    /** Runs a batch's micro-batches; if a device's memory does not suffice, once more in smaller ones. */
    private <T> List<T> withinMemory(PreparedBatch batch, Replicas.Work<T> work) {
        PreparedBatch packed = batch.packedBy(Packer.of(options));
        try {
            return run(packed, work);
        } catch (OutOfMemoryException e) {
            TrainingOptions tried = options;
            options = tried.withinMemory(Math.max(1, packed.largestMicroBatch() / 2), true);
            PreparedBatch halved = batch.packedBy(Packer.of(options));
            try {
                return run(halved, work);
            } catch (OutOfMemoryException second) {
                throw new OutOfMemoryException(
                        MemoryEstimate.of(config, options).explain(packed, tried.gradientCheckpointing(), halved),
                        second);
            }
        }
    }

    /** Runs the micro-batches of all devices. If that fails, or the listener ends it, nothing of it is kept. */
    private <T> List<T> run(PreparedBatch packed, Replicas.Work<T> work) {
        List<List<MicroBatch>> shares = packed.shares();
        var left = new AtomicInteger(shares.stream().mapToInt(List::size).sum());
        try {
            return replicas.run(shares, (program, microBatch, nth) -> {
                T result = work.run(program, microBatch, nth);
                listener.done(left.decrementAndGet());
                return result;
            });
        } catch (RuntimeException e) {
            replicas.discardGradients();
            throw e;
        }
    }

    /** Loss and accuracy over rows, without dropout and without training on them. */
    public synchronized EvalResult evaluate(List<TrainingExample> rows) {
        PreparedBatch all = prepare(rows);
        long supervised = all.supervisedTokens();
        double loss = 0;
        long correct = 0;
        for (Totals totals :
                withinMemory(all, (program, microBatch, nth) -> program.evaluate(microBatch, LOSS_CHUNK))) {
            loss += totals.loss();
            correct += totals.correct();
        }
        return new EvalResult(loss / supervised, (double) correct / supervised, supervised);
    }

    /** Greedy answers of the model as it is now, one a conversation. */
    public List<String> answer(List<Conversation> conversations, int maxNewTokens) {
        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(options.model(), config.vocabSize())) {
            List<int[]> prompts = conversations.stream()
                    .map(tokenizer.chatTemplate()::encodePrompt)
                    .toList();
            return first
                    .call(() -> generator()
                            .generate(
                                    prompts,
                                    lora.map(this::adapter),
                                    StopTokens.of(options.model(), config, tokenizer),
                                    maxNewTokens,
                                    () -> TextDecoder.of(tokenizer),
                                    () -> listener.done(1)))
                    .stream()
                    .map(GenerationResult::text)
                    .toList();
        }
    }

    /** Logits of a row of token ids under the model as it is now: float32 [tokens, vocabSize], row-major. */
    public float[] logits(int[] inputIds) {
        return first.call(() -> generator().logits(inputIds, lora.map(this::adapter)));
    }

    private BatchGenerator generator() {
        if (generator.isEmpty()) {
            generator = Optional.of(new BatchGenerator(first.program()));
        }
        return generator.get();
    }

    /** The adapter as it is now. Only in LoRA training. */
    public PeftAdapter exportAdapter() {
        LoraParameters parameters = requireLora("exportAdapter");
        return first.call(() -> adapter(parameters));
    }

    /** Begins from an adapter instead of the first values. Only in LoRA training. */
    public void loadAdapter(PeftAdapter adapter) {
        List<float[]> values = requireLora("loadAdapter").values(adapter);
        first.run(() -> {
            for (int i = 0; i < values.size(); i++) {
                training.write(Kept.PARAMETER, i, values.get(i));
            }
        });
        replicas.spread();
    }

    /** Writes the trained model as a checkpoint directory. Only in full training. */
    public void saveModel(Path directory, DType dtype) {
        if (lora.isPresent()) {
            throw new IllegalStateException("saveModel: an adapter is in training; use exportAdapter");
        }
        first.run(() -> ModelWriter.write(first.program(), options.model(), dtype, directory));
    }

    /** Writes what {@link #loadState} needs to go on as if nothing had happened; whole under its name, or not there. */
    public void saveState(Path file) {
        first.run(() -> TrainingState.save(training, parameterNames, steps, file));
    }

    /** Goes on from a saved state of a training with the same options. */
    public void loadState(Path file) {
        steps = first.call(() -> TrainingState.load(training, parameterNames, file));
        replicas.spread();
    }

    /** Steps done, those of resumed states included. */
    public long steps() {
        return steps;
    }

    /** The options as they are now: running out of memory lowers the limits of a micro-batch. */
    public TrainingOptions options() {
        return options;
    }

    public long trainableParameters() {
        return trainableParameters;
    }

    public ModelConfig config() {
        return config;
    }

    /** The base model's fingerprint, quantised as it is. */
    public String fingerprint() {
        return fingerprint;
    }

    private PeftAdapter adapter(LoraParameters parameters) {
        return parameters.adapter(IntStream.range(0, parameterNames.size())
                .mapToObj(i -> training.read(Kept.PARAMETER, i))
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
        if (PreparedBatch.supervisedTokens(rows) == 0) {
            throw new TrainingException("none of " + rows.size() + " rows has a token to learn");
        }
    }

    /**
     * Depends on the step and on the micro-batch's place in its batch alone, so that a resumed training drops what the uninterrupted
     * one would have, whichever device runs the micro-batch. With other micro-batches, as another number of devices makes them, other
     * elements are dropped.
     */
    private long dropoutSeed(long step, int microBatch) {
        long mixed =
                options.seed() * 0x9E3779B97F4A7C15L + step * 0xD1B54A32D192ED03L + microBatch * 0x8CB92BA72F3D8DD7L;
        return (mixed ^ (mixed >>> 29)) & 0x7fff_ffffL;
    }

    @Override
    public void close() {
        replicas.close();
    }
}
