package io.lorikeet.engine.program;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.DecoderLayout.Place;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Qwen2 with LoRA on its device: each method is one call of the numeric program ({@code program/qwen2/model.torchscript},
 * whose comments give shapes and meaning). Belongs to the thread that loads it.
 */
public final class Qwen2Program implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Qwen2Program.class);

    /** Captured decode steps kept at once; each takes about a megabyte of the device. */
    private static final int DECODE_GRAPHS = 64;

    private static final int WARM_UP_PROMPT = 64;

    private final ProgramOptions options;
    private final DecoderLayout layout;
    private final TorchModule module;
    /** The adapter slot of each cache slot that takes part in the decode steps; the base's for the others. */
    private final int[] decoding;

    private Optional<StepGraphs<DecodeStep>> graphs = Optional.empty();
    private Optional<PinnedStaging> adapterStaging = Optional.empty();

    private Qwen2Program(ProgramOptions options) {
        this.options = options;
        this.layout = DecoderLayout.of(options.config());
        this.decoding = new int[options.maxNumSeqs()];
        Arrays.fill(decoding, options.maxLoras());
        this.module = new TorchModule(ProgramArchive.pack(options), options.device());
    }

    /** Builds the program and brings the checkpoint's weights to its device. */
    public static Qwen2Program load(ProgramOptions options, ModelCheckpoint checkpoint) {
        var program = new Qwen2Program(options);
        try {
            program.module.apply("allocate_weights", t -> new NDList(t.of(0.0)));
            List<Place> places = program.layout.places();
            long longestRow = places.stream()
                    .mapToLong(place -> checkpoint.tensor(place.tensor().name()).byteSize()
                            / place.tensor().rows())
                    .max()
                    .orElseThrow();
            try (var upload = new WeightUpload(program.module, longestRow)) {
                for (Place place : places) {
                    upload.load(place, checkpoint.tensor(place.tensor().name()));
                }
            }
            return program;
        } catch (RuntimeException e) {
            program.close();
            throw e;
        }
    }

    public ProgramOptions options() {
        return options;
    }

    /** Names of the checkpoint's tensors, in the program's order. */
    public List<String> weightNames() {
        return layout.places().stream().map(place -> place.tensor().name()).toList();
    }

    /** Elements of a tensor of the checkpoint as they are now, float32, row-major. */
    public float[] readWeight(String name) {
        Place place = layout.places().stream()
                .filter(p -> p.tensor().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no weight " + name));
        return floats(
                "read_weight",
                IValue.from(place.weight()),
                IValue.from(place.firstRow()),
                IValue.from(place.tensor().rows()));
    }

    // ---- serving ----

    /**
     * Lays the weights out as the processor's matrix products read them, which about halves a decode step. Afterwards the
     * program serves only: its weights are neither trained nor read. Changes nothing where PyTorch has no such layout.
     */
    public void packWeights() {
        module.infer("pack_weights");
    }

    /** Makes room for {@code maxNumSeqs} sequences and {@code maxLoras} adapters. */
    public void allocateServing() {
        module.infer("allocate_serving");
        graphs =
                module.stream().flatMap(CudaGraph::capturer).map(capturer -> new StepGraphs<>(capturer, DECODE_GRAPHS));
        adapterStaging = module.stream()
                .map(stream -> new PinnedStaging(stream, AdapterLayer.bytes(options.config(), options.maxLoraRank())));
    }

    /**
     * Runs once what requests will need, so that the first ones do not wait for it: on a GPU a prompt, and the decode steps
     * of {@link DecodeStep#common}, which become CUDA graphs. Only while no cache slot is in use.
     *
     * @param positions cached positions up to which decode steps are made ready; 0: nothing is
     */
    public void warmUp(int positions) {
        if (graphs.isEmpty() || positions == 0) {
            return;
        }
        long begun = System.nanoTime();
        prefillLast(new int[Math.min(WARM_UP_PROMPT, options.maxModelLen() - 1)], 0, 0, 0, StepFlags.NONE);
        closeSlot(0);
        List<DecodeStep> steps = DecodeStep.common(
                options.maxNumSeqs(), options.maxModelLen(), options.maxLoras(), positions, DECODE_GRAPHS);
        for (DecodeStep step : steps) {
            // as it is, then captured
            graphs.get().run(step, this::decode);
            graphs.get().run(step, this::decode);
        }
        readTokens(1);
        LOG.info(
                "{} kinds of decode steps made ready in {} ms",
                steps.size(),
                Duration.ofNanos(System.nanoTime() - begun).toMillis());
    }

    /** The adapter slot that means the base model. */
    public int baseSlot() {
        return options.maxLoras();
    }

    /** Writes one layer of an adapter into a slot that is not in use. */
    public void loadAdapterLayer(int adapterSlot, int layer, AdapterLayer adapter) {
        try (Tensors t = module.tensors()) {
            module.infer(
                    "load_adapter_layer",
                    IValue.from(adapterSlot),
                    IValue.from(layer),
                    IValue.listFrom(adapter.pairs().stream()
                            .mapToLong(pair -> layout.number(pair.module()))
                            .toArray()),
                    IValue.listFrom(staged(adapter.matrices(), t)),
                    IValue.from(adapter.scale()));
            adapterStaging.ifPresent(PinnedStaging::sent);
        }
    }

    /** The matrices where the device can fetch them while this thread goes on. */
    private PtNDArray[] staged(List<Matrix> matrices, Tensors t) {
        if (adapterStaging.isEmpty()) {
            return matrices.stream()
                    .map(m -> t.of(m.values(), m.rows(), m.columns()))
                    .toArray(PtNDArray[]::new);
        }
        List<MemorySegment> staged = adapterStaging
                .get()
                .fill(matrices.stream()
                        .map(m -> MemorySegment.ofArray(m.values()))
                        .toList());
        return IntStream.range(0, matrices.size())
                .mapToObj(i -> t.of(
                        staged.get(i), matrices.get(i).rows(), matrices.get(i).columns()))
                .toArray(PtNDArray[]::new);
    }

    /**
     * Prepares a cache slot for a sequence.
     *
     * @param adapterSlot an adapter's slot, or {@link #baseSlot()}
     */
    public void openSlot(int slot, int adapterSlot, SlotSampling sampling) {
        module.infer(
                "open_slot",
                IValue.from(slot),
                IValue.from(adapterSlot),
                IValue.listFrom(sampling.numbers()),
                IValue.from(sampling.topK()),
                IValue.from(sampling.seed()));
    }

    /** Readies a slot for penalties; right before the last chunk of a prompt whose sequence has any. */
    public void beginPenalties(int slot, int[] prompt) {
        try (Tensors t = module.tensors()) {
            module.infer("begin_penalties", IValue.from(slot), IValue.from(t.of(widen(prompt))));
        }
    }

    /** Makes room for the keys and values of {@code count} prefixes of up to {@code maxTokens} tokens. */
    public void allocatePrefixes(int count, int maxTokens) {
        module.infer("allocate_prefixes", IValue.from(count), IValue.from(maxTokens));
    }

    /** Keeps the keys and values of a cache slot's first {@code length} positions as a prefix. */
    public void savePrefix(int prefix, int slot, int length) {
        module.infer("save_prefix", IValue.from(prefix), IValue.from(slot), IValue.from(length));
    }

    /** Begins a cache slot with a prefix, as if its {@code length} tokens had been run. */
    public void restorePrefix(int prefix, int slot, int length) {
        module.infer("restore_prefix", IValue.from(prefix), IValue.from(slot), IValue.from(length));
    }

    /** Takes a cache slot out of the decode steps. */
    public void closeSlot(int slot) {
        decoding[slot] = baseSlot();
        module.infer("close_slot", IValue.from(slot));
    }

    /** Runs a chunk of a prompt that does not end it: fills the cache from position {@code start} on. */
    public void prefill(int[] tokens, int slot, int start, int adapterSlot) {
        try (Tensors t = module.tensors()) {
            module.infer(
                    "prefill",
                    IValue.from(t.of(widen(tokens))),
                    IValue.from(slot),
                    IValue.from(start),
                    IValue.from(adapterSlot));
        }
    }

    /**
     * Runs the last chunk of a prompt and enters the slot into the decode steps.
     *
     * @return the first new token
     */
    public int prefillLast(int[] tokens, int slot, int start, int adapterSlot, StepFlags flags) {
        decoding[slot] = adapterSlot;
        try (Tensors t = module.tensors()) {
            return (int) module.infer(
                            "prefill_last",
                            t::longs,
                            IValue.from(t.of(widen(tokens))),
                            IValue.from(slot),
                            IValue.from(start),
                            IValue.from(adapterSlot),
                            IValue.from(flags.truncate()),
                            IValue.from(flags.penalize()),
                            IValue.from(flags.logprobs()))[0];
        }
    }

    /**
     * Begins another answer to a prompt: the slot gets the keys and values of one that has run it, with the same adapter,
     * and enters the decode steps.
     *
     * @param source a slot that decodes after a prompt of {@code length} tokens
     * @return the first new token
     */
    public int forkPrompt(int source, int slot, int length, StepFlags flags) {
        decoding[slot] = decoding[source];
        try (Tensors t = module.tensors()) {
            return (int) module.infer(
                            "fork_prompt",
                            t::longs,
                            IValue.from(source),
                            IValue.from(slot),
                            IValue.from(length),
                            IValue.from(flags.truncate()),
                            IValue.from(flags.penalize()),
                            IValue.from(flags.logprobs()))[0];
        }
    }

    /** Logits of every token of a prompt, float32 [tokens, vocabSize] row-major; uses the cache slot as a prompt would. */
    public float[] logits(int[] tokens, int slot, int adapterSlot) {
        try (Tensors t = module.tensors()) {
            return module.infer(
                    "prefill",
                    hidden -> module.infer("logits", t::floats, IValue.from(t.tensor(hidden))),
                    IValue.from(t.of(widen(tokens))),
                    IValue.from(slot),
                    IValue.from(0),
                    IValue.from(adapterSlot));
        }
    }

    /**
     * One decode step: chooses the next token of slots 0 … n-1. On a GPU it returns when the step is on its way.
     *
     * @param visible cached positions to look at, at least one more than any running sequence's last
     */
    public void decode(int n, int visible, StepFlags flags) {
        AdapterSlots adapters = AdapterSlots.NONE;
        for (int slot = 0; slot < n; slot++) {
            adapters = decoding[slot] == baseSlot() ? adapters : adapters.with(decoding[slot]);
        }
        var step = new DecodeStep(n, visible, adapters, flags);
        graphs.ifPresentOrElse(
                g -> g.run(step.rounded(options.maxNumSeqs(), options.maxModelLen(), options.maxLoras()), this::decode),
                () -> decode(step));
    }

    private void decode(DecodeStep step) {
        module.infer(
                "decode",
                IValue.from(step.rows()),
                IValue.from(step.visible()),
                IValue.from(step.adapters().first()),
                IValue.from(step.adapters().count()),
                IValue.from(step.flags().sampling()),
                IValue.from(step.flags().truncate()),
                IValue.from(step.flags().penalize()),
                IValue.from(step.flags().logprobs()));
    }

    /** Whether {@link #decode} returns before the step is done. */
    public boolean isAsynchronous() {
        return options.device().isCuda();
    }

    /**
     * The tokens that the last decode step chose for slots 0 … n-1; waits for it, and for whatever the device was given
     * since.
     *
     * @return [n]; meaningless for slots that run nothing
     */
    public long[] readTokens(int n) {
        try (Tensors t = module.tensors()) {
            return module.infer("read_tokens", t::longs, IValue.from(n));
        }
    }

    /** What the last step kept for cache slots {@code first}, …, if its flags asked for it. */
    public KeptLogprobs logprobs(int first, int n) {
        return new KeptLogprobs(floats("read_logprobs", IValue.from(first), IValue.from(n)), n);
    }

    /** How decode steps have run: as CUDA graphs, or not for want of one. */
    public GraphCounts graphCounts() {
        return graphs.map(StepGraphs::counts).orElse(GraphCounts.NONE);
    }

    // ---- training ----

    /**
     * Trains parts of the model.
     *
     * @param first the first values of a LoRA adapter's parameters, in the order of {@code TrainedLora.index}; none: every
     *     weight is trained
     * @param updates whether this copy of the program makes the updates; others take its parameters over
     */
    public TrainingProgram train(List<Matrix> first, boolean updates) {
        return new TrainingProgram(module, first, updates);
    }

    private float[] floats(String method, IValue... arguments) {
        try (Tensors t = module.tensors()) {
            return module.infer(method, t::floats, arguments);
        }
    }

    private static long[] widen(int[] values) {
        long[] wide = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    @Override
    public void close() {
        graphs.ifPresent(StepGraphs::close);
        adapterStaging.ifPresent(PinnedStaging::close);
        module.close();
        if (options.device().isCuda()) {
            // PyTorch keeps freed memory for the stream that had it; whoever comes next has another
            JniUtils.emptyCudaCache();
        }
    }
}
