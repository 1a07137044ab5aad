package io.lorikeet.engine.program;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.lorikeet.engine.checkpoint.Qwen2Checkpoint;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Qwen2 with LoRA on its device: each method is one call of the numeric program ({@code program/qwen2/model.torchscript},
 * whose comments give shapes and meaning). Belongs to the thread that loads it.
 */
public final class Qwen2Program implements AutoCloseable {
    /** Captured decode steps kept at once; each takes about a megabyte of the device. */
    private static final int DECODE_GRAPHS = 64;

    private final ProgramOptions options;
    private final TorchModule module;
    private Optional<StepGraphs<DecodeStep>> graphs = Optional.empty();

    private Qwen2Program(ProgramOptions options) {
        this.options = options;
        this.module = new TorchModule(ProgramArchive.pack(options), options.device());
    }

    /** Builds the program and brings the checkpoint's weights to its device. */
    public static Qwen2Program load(ProgramOptions options, Qwen2Checkpoint checkpoint) {
        var program = new Qwen2Program(options);
        try {
            program.module.apply("allocate_weights", t -> new NDList(t.of(0.0)));
            List<Weight> weights = Weight.all(options.config());
            long longestRow = weights.stream()
                    .mapToLong(w -> checkpoint.tensor(w.name()).byteSize() / w.rows())
                    .max()
                    .orElseThrow();
            try (var upload = new WeightUpload(program.module, longestRow)) {
                for (Weight weight : weights) {
                    upload.load(weight, checkpoint.tensor(weight.name()));
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
        return Weight.all(options.config()).stream().map(Weight::name).toList();
    }

    /** Elements of a tensor of the checkpoint as they are now, float32, row-major. */
    public float[] readWeight(String name) {
        Weight weight = Weight.all(options.config()).stream()
                .filter(w -> w.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no weight " + name));
        return floats(
                "read_weight", IValue.from(weight.index()), IValue.from(weight.firstRow()), IValue.from(weight.rows()));
    }

    // ---- serving ----

    /** Makes room for {@code maxNumSeqs} sequences and {@code maxLoras} adapters. */
    public void allocateServing() {
        module.infer("allocate_serving");
        graphs =
                module.stream().flatMap(CudaGraph::capturer).map(capturer -> new StepGraphs<>(capturer, DECODE_GRAPHS));
    }

    /** The adapter slot that means the base model. */
    public int baseSlot() {
        return options.maxLoras();
    }

    /** Writes one layer of an adapter into a slot that is not in use. */
    public void loadAdapterLayer(int adapterSlot, int layer, AdapterLayer adapter) {
        try (Tensors t = module.tensors()) {
            PtNDArray[] matrices = adapter.pairs().stream()
                    .flatMap(pair -> Stream.of(pair.a(), pair.b()))
                    .map(m -> t.of(m.values(), m.rows(), m.columns()))
                    .toArray(PtNDArray[]::new);
            module.infer(
                    "load_adapter_layer",
                    IValue.from(adapterSlot),
                    IValue.from(layer),
                    IValue.listFrom(adapter.pairs().stream()
                            .mapToLong(AdapterLayer.Pair::module)
                            .toArray()),
                    IValue.listFrom(matrices),
                    IValue.from(adapter.scale()));
        }
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
     * One decode step: the next token of slots 0 … n-1.
     *
     * @param visible cached positions to look at, at least one more than any running sequence's last
     * @return [n]; meaningless for slots that run nothing
     */
    public long[] decode(int n, int visible, StepFlags flags) {
        var step = new DecodeStep(n, visible, flags);
        graphs.ifPresentOrElse(
                g -> g.run(step.rounded(options.maxNumSeqs(), options.maxModelLen()), this::decode),
                () -> decode(step));
        try (Tensors t = module.tensors()) {
            return module.infer("read_tokens", t::longs, IValue.from(n));
        }
    }

    private void decode(DecodeStep step) {
        module.infer(
                "decode",
                IValue.from(step.rows()),
                IValue.from(step.visible()),
                IValue.from(step.flags().adapters()),
                IValue.from(step.flags().sampling()),
                IValue.from(step.flags().truncate()),
                IValue.from(step.flags().penalize()),
                IValue.from(step.flags().logprobs()));
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

    /** Makes the trained parameters of a LoRA adapter from their first values, in the order of {@code TrainedLora.index}. */
    public void allocateTraining(List<AdapterLayer.Matrix> parameters) {
        module.apply(
                "allocate_training",
                t -> t.list(
                        "given",
                        parameters.stream()
                                .map(m -> t.of(m.values(), m.rows(), m.columns()))
                                .toList()));
    }

    /** Makes every weight a trained parameter. */
    public void allocateFullTraining() {
        module.apply("allocate_full_training", t -> new NDList(t.of(0.0)));
    }

    /**
     * Forward and backward over one packed pass; adds to the gradients. Returns as soon as the device has its work.
     *
     * @param divisor supervised tokens of the whole optimiser step
     * @param seed of the dropout
     * @param chunk supervised tokens whose logits exist at once
     * @param recompute whether to keep only the layers' inputs and compute each layer again in the backward pass
     */
    public void trainPass(PackedPass pass, double divisor, long seed, int chunk, boolean recompute) {
        module.apply("train_pass", t -> {
            NDList list = inputs(t, pass);
            list.add(t.of(pass.b(), pass.s(), seed, chunk, recompute ? 1 : 0));
            list.add(t.of(divisor));
            return list;
        });
    }

    /** What a pass adds up over its supervised tokens. */
    public record PassTotals(double loss, long correct) {}

    /** Loss sum and correct tokens of one packed pass, without dropout. */
    public PassTotals evaluatePass(PackedPass pass, int chunk) {
        float[] totals = module.differentiate("evaluate_pass", t -> {
            NDList list = inputs(t, pass);
            list.add(t.of(pass.b(), pass.s(), 0, chunk, 0));
            return list;
        });
        return new PassTotals(totals[0], (long) totals[1]);
    }

    private static NDList inputs(Tensors t, PackedPass pass) {
        return new NDList(
                t.of(pass.tokens()),
                t.of(pass.positions()),
                t.of(pass.starts()),
                t.of(pass.toRows()),
                t.of(pass.fromRows()),
                t.of(pass.supervised()),
                t.of(pass.targets()));
    }

    /**
     * What came of an optimiser step.
     *
     * @param gradNorm before clipping
     * @param skipped whether nothing was changed because it was not finite
     * @param loss sum over the step's passes, each ÷ its divisor
     * @param correct tokens of the step's passes
     */
    public record Update(double gradNorm, boolean skipped, double loss, long correct) {}

    /** Clips the gradients of the passes since the last update, updates the parameters and clears the gradients. */
    public Update trainUpdate(
            double learningRate, double beta1, double beta2, double eps, double weightDecay, double maxGradNorm) {
        float[] result = module.differentiate(
                "train_update", t -> new NDList(t.of(learningRate, beta1, beta2, eps, weightDecay, maxGradNorm)));
        return new Update(result[0], result[1] != 0, result[2], (long) result[3]);
    }

    /** Forgets what passes have added to the gradients, after one of them failed. */
    public void discardGradients() {
        module.apply("discard_gradients", t -> new NDList(t.of(0.0)));
    }

    /** One of the tensors that training keeps for each parameter. */
    public enum Kept {
        PARAMETER(0),
        EXP_AVG(1),
        EXP_AVG_SQ(2);

        /** The number by which the program knows it. */
        private final int kind;

        Kept(int kind) {
            this.kind = kind;
        }
    }

    /** A parameter, or what the optimiser keeps for it, float32. */
    public float[] readTraining(Kept kept, int parameter) {
        return floats("read_training", IValue.from(kept.kind), IValue.from(parameter));
    }

    public void writeTraining(Kept kept, int parameter, float[] values) {
        write(values, kept.kind, parameter);
    }

    /** Updates that AdamW has made. */
    public long readUpdates() {
        return (long) floats("read_training", IValue.from(UPDATES), IValue.from(0))[0];
    }

    public void writeUpdates(long updates) {
        write(new float[] {updates}, UPDATES, 0);
    }

    private static final int UPDATES = 3;

    private void write(float[] values, long kind, long index) {
        module.apply("write_training", t -> new NDList(t.of(values, values.length), t.of(kind, index)));
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
        module.close();
    }
}
