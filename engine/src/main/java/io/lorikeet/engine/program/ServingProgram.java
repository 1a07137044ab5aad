package io.lorikeet.engine.program;

import ai.djl.pytorch.jni.IValue;
import io.lorikeet.engine.grammar.TokenMask;
import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The serving half of a {@link DecoderProgram}: the key/value cache, the resident adapters, prompts and decode steps. Each
 * method is one call of the numeric program ({@code program/decoder/serving.torchscript}, whose comments give shapes and
 * meaning); belongs to its thread.
 */
public final class ServingProgram {
    private static final Logger LOG = LoggerFactory.getLogger(ServingProgram.class);

    /** Captured decode steps kept at once; each takes about a megabyte of the device. */
    private static final int DECODE_GRAPHS = 64;

    private static final int CHOOSE_GRAPHS = 16;

    private static final int WARM_UP_PROMPT = 64;

    private final ProgramOptions options;
    private final TorchModule module;
    private final Optional<StepGraphs<DecodeStep>> graphs;
    private final Optional<StepGraphs<ChooseStep>> choices;
    private final TokenMaskUpload masks;
    private final AdapterUpload upload;
    private final Optional<DecodeKernels> kernels;
    /** Steps whose layers ran as kernels of our own. */
    private long kernelSteps;
    /** What each cache slot's sequence needs of the adapters. */
    private final StepAdapters[] opened;
    /** The same of those that take part in the decode steps. */
    private final StepAdapters[] decoding;

    /** Makes room for {@code maxNumSeqs} sequences and {@code maxLoras} adapters. */
    ServingProgram(ProgramOptions options, TorchModule module) {
        this.options = options;
        this.module = module;
        opened = new StepAdapters[options.maxNumSeqs()];
        decoding = new StepAdapters[options.maxNumSeqs()];
        Arrays.fill(opened, StepAdapters.NONE);
        Arrays.fill(decoding, StepAdapters.NONE);
        module.infer("allocate_serving");
        graphs =
                module.stream().flatMap(CudaGraph::capturer).map(capturer -> new StepGraphs<>(capturer, DECODE_GRAPHS));
        choices =
                module.stream().flatMap(CudaGraph::capturer).map(capturer -> new StepGraphs<>(capturer, CHOOSE_GRAPHS));
        upload = new AdapterUpload(options, module);
        kernels = DecodeKernels.open(options, module);
        masks = new TokenMaskUpload(options, module);
    }

    public ProgramOptions options() {
        return options;
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
        prefillLast(new int[Math.min(WARM_UP_PROMPT, options.maxModelLen() - 1)], 0, 0, StepFlags.NONE);
        closeSlot(0);
        List<DecodeStep> steps = DecodeStep.common(
                options.maxNumSeqs(), options.maxModelLen(), options.loraRankRows(), positions, DECODE_GRAPHS);
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

    /** Writes one layer of an adapter to a place that is not in use. */
    public void loadAdapterLayer(AdapterPlace place, int layer, AdapterLayer adapter) {
        upload.load(place, layer, adapter);
    }

    /**
     * Prepares a cache slot for a sequence.
     *
     * @param adapter none: the base model
     */
    public void openSlot(int slot, Optional<AdapterPlace> adapter, SlotSampling sampling) {
        opened[slot] = StepAdapters.of(adapter);
        module.infer(
                "open_slot",
                IValue.from(slot),
                IValue.from(adapter.map(AdapterPlace::slot).orElse(options.maxLoras())),
                IValue.listFrom(adapter.map(AdapterPlace::numbers).orElseGet(() -> new long[0])),
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

    /**
     * Says which tokens may come next in cache slots. What was said of a slot stays until something else is.
     *
     * @param allowed the slots, each with its tokens
     */
    public void allow(SortedMap<Integer, TokenMask> allowed) {
        masks.upload(allowed);
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
        opened[slot] = StepAdapters.NONE;
        decoding[slot] = StepAdapters.NONE;
        module.infer("close_slot", IValue.from(slot));
    }

    /** Runs a chunk of a prompt that does not end it: fills the cache from position {@code start} on. */
    public void prefill(int[] tokens, int slot, int start) {
        try (Tensors t = module.tensors()) {
            module.infer(
                    "prefill",
                    IValue.from(t.of(widen(tokens))),
                    IValue.from(slot),
                    IValue.from(start),
                    IValue.from(opened[slot].rows().first()),
                    IValue.from(opened[slot].rows().count()),
                    IValue.from(opened[slot].adjusted()));
        }
    }

    /**
     * Runs the last chunk of a prompt and enters the slot into the decode steps.
     *
     * @return the first new token
     */
    public int prefillLast(int[] tokens, int slot, int start, StepFlags flags) {
        decoding[slot] = opened[slot];
        try (Tensors t = module.tensors()) {
            return (int) module.infer(
                            "prefill_last",
                            t::longs,
                            IValue.from(t.of(widen(tokens))),
                            IValue.from(slot),
                            IValue.from(start),
                            IValue.from(opened[slot].rows().first()),
                            IValue.from(opened[slot].rows().count()),
                            IValue.from(opened[slot].adjusted()),
                            IValue.from(flags.truncate()),
                            IValue.from(flags.penalize()),
                            IValue.from(flags.logprobs()),
                            IValue.from(flags.constrain()))[0];
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
        decoding[slot] = opened[slot];
        try (Tensors t = module.tensors()) {
            return (int) module.infer(
                            "fork_prompt",
                            t::longs,
                            IValue.from(source),
                            IValue.from(slot),
                            IValue.from(length),
                            IValue.from(flags.truncate()),
                            IValue.from(flags.penalize()),
                            IValue.from(flags.logprobs()),
                            IValue.from(flags.constrain()))[0];
        }
    }

    /**
     * Logits of every token of a prompt, float32 [tokens, vocabSize] row-major; uses the cache slot as a prompt would.
     *
     * @param adapter none: the base model
     */
    public float[] logits(int[] tokens, int slot, Optional<AdapterPlace> adapter) {
        return lastLogits(tokens, tokens.length, tokens.length, slot, adapter);
    }

    /**
     * The same of the last {@code count} tokens alone. Those before them run in chunks, as prompts do.
     *
     * @param chunk tokens of a chunk at most
     */
    public float[] lastLogits(int[] tokens, int count, int chunk, int slot, Optional<AdapterPlace> adapter) {
        openSlot(slot, adapter, SlotSampling.GREEDY);
        int last = tokens.length - count;
        for (int start = 0; start < last; start += chunk) {
            prefill(Arrays.copyOfRange(tokens, start, Math.min(start + chunk, last)), slot, start);
        }
        StepAdapters needed = opened[slot];
        try (Tensors t = module.tensors()) {
            return module.infer(
                    "prefill",
                    hidden -> module.infer("logits", t::floats, IValue.from(t.tensor(hidden))),
                    IValue.from(t.of(widen(Arrays.copyOfRange(tokens, last, tokens.length)))),
                    IValue.from(slot),
                    IValue.from(last),
                    IValue.from(needed.rows().first()),
                    IValue.from(needed.rows().count()),
                    IValue.from(needed.adjusted()));
        } finally {
            closeSlot(slot);
        }
    }

    /**
     * One decode step: chooses the next token of slots 0 … n-1. On a GPU it returns when the step is on its way.
     *
     * @param visible cached positions to look at, at least one more than any running sequence's last
     */
    public void decode(int n, int visible, StepFlags flags) {
        launch(n, visible, Optional.of(flags));
    }

    /**
     * The same step in two halves, for rows that may not say everything: while the device runs the model, there is time to
     * find out what they may; {@link #choose} has to follow.
     */
    public void decodeLogits(int n, int visible) {
        launch(n, visible, Optional.empty());
    }

    private void launch(int n, int visible, Optional<StepFlags> flags) {
        var step = new DecodeStep(n, visible, adapters(n), flags);
        if (kernels.filter(k -> k.serves(step)).isPresent()) {
            kernelSteps++;
        }
        graphs.ifPresentOrElse(
                g -> g.run(
                        step.rounded(options.maxNumSeqs(), options.maxModelLen(), options.loraRankRows()),
                        this::decode),
                () -> decode(step));
    }

    private StepAdapters adapters(int n) {
        return Arrays.stream(decoding, 0, n).reduce(StepAdapters.NONE, StepAdapters::with);
    }

    private void decode(DecodeStep step) {
        kernels.filter(k -> k.serves(step))
                .ifPresentOrElse(
                        k -> {
                            k.logits(step);
                            step.flags().ifPresent(flags -> choose(step.rows(), flags, false));
                        },
                        () -> decodeInProgram(step));
    }

    private void decodeInProgram(DecodeStep step) {
        IValue[] reach = {
            IValue.from(step.rows()),
            IValue.from(step.visible()),
            IValue.from(step.adapters().rows().first()),
            IValue.from(step.adapters().rows().count()),
            IValue.from(step.adapters().adjusted())
        };
        step.flags()
                .ifPresentOrElse(
                        flags -> module.infer(
                                "decode",
                                Stream.concat(Arrays.stream(reach), values(flags))
                                        .toArray(IValue[]::new)),
                        () -> module.infer("decode_logits", reach));
    }

    /** Chooses the next token of slots 0 … n-1 after {@link #decodeLogits} and {@link #allow}. */
    public void choose(int n, StepFlags flags) {
        choices.ifPresentOrElse(
                g -> g.run(
                        new ChooseStep(DecodeStep.rounded(n, options.maxNumSeqs()), flags),
                        step -> choose(step.rows(), step.flags(), true)),
                () -> choose(n, flags, true));
    }

    private void choose(int n, StepFlags flags, boolean constrain) {
        module.infer(
                "decode_choose",
                Stream.of(Stream.of(IValue.from(n)), values(flags), Stream.of(IValue.from(constrain)))
                        .flatMap(values -> values)
                        .toArray(IValue[]::new));
    }

    private static Stream<IValue> values(StepFlags flags) {
        return Stream.of(
                IValue.from(flags.sampling()),
                IValue.from(flags.truncate()),
                IValue.from(flags.penalize()),
                IValue.from(flags.logprobs()));
    }

    /**
     * One decode step that runs drafts too, tokens that may be what slots say next: what they say is the same as without. On a
     * processor.
     *
     * @param visible cached positions to look at, at least one more than any draft's last
     * @param drafts of slots among 0 … n-1, tokens of each
     * @param allowed if the flags say so, what may follow each row: those of slots 0 … n-1, then the drafts' tokens
     * @return what follows each of these rows; -1 for tokens that do not hold, and after them
     */
    public long[] decode(
            int n, int visible, SortedMap<Integer, int[]> drafts, List<TokenMask> allowed, StepFlags flags) {
        StepAdapters adapters = adapters(n);
        long[] slots = drafts.keySet().stream().mapToLong(slot -> slot).toArray();
        long[] counts = drafts.values().stream().mapToLong(d -> d.length).toArray();
        int[] tokens = drafts.values().stream().flatMapToInt(Arrays::stream).toArray();
        try (Tensors t = module.tensors();
                var arena = Arena.ofConfined()) {
            Stream<IValue> reach = Stream.of(
                    IValue.from(n),
                    IValue.from(visible),
                    IValue.from(adapters.rows().first()),
                    IValue.from(adapters.rows().count()),
                    IValue.from(adapters.adjusted()),
                    IValue.listFrom(slots),
                    IValue.listFrom(counts),
                    IValue.from(t.of(widen(tokens))),
                    IValue.from(masks.rows(allowed, t, arena)));
            return module.infer(
                    "decode_drafts",
                    t::longs,
                    Stream.of(reach, values(flags), Stream.of(IValue.from(flags.constrain())))
                            .flatMap(values -> values)
                            .toArray(IValue[]::new));
        }
    }

    /** What that step kept, if its flags asked for it. */
    public KeptLogprobs draftLogprobs(int rows) {
        return new KeptLogprobs(floats("read_draft_logprobs"), rows);
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
        return graphs.map(StepGraphs::counts).orElse(GraphCounts.NONE).with(kernelSteps);
    }

    /** Whether kernels of this engine's own run decode steps, of which {@link #graphCounts} tells how many. */
    public boolean hasKernels() {
        return kernels.isPresent();
    }

    /** Logits of slots 0 … n-1 that {@link #decodeLogits} kept, float32 [n, vocabSize] row-major. */
    public float[] stepLogits(int n) {
        return floats("read_logits", IValue.from(n));
    }

    private float[] floats(String method, IValue... arguments) {
        try (Tensors t = module.tensors()) {
            return module.infer(method, t::floats, arguments);
        }
    }

    private static long[] widen(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    void close() {
        graphs.ifPresent(StepGraphs::close);
        choices.ifPresent(StepGraphs::close);
        upload.close();
        masks.close();
        kernels.ifPresent(DecodeKernels::close);
    }
}
