package io.lorikeet.engine.program;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.jni.IValue;
import io.lorikeet.engine.program.TorchModule.Tensors;
import io.lorikeet.engine.sharing.Piece;
import io.lorikeet.engine.sharing.RightOfWay;
import java.util.List;

/**
 * The training half of a {@link DecoderProgram}: micro-batches that add up gradients, and updates. Each method is one call of the
 * numeric program; belongs to its thread. A copy of the program on another device does micro-batches too, and leaves the
 * updates to the one: {@link #sums}, {@link #addSums}, {@link #trained}, {@link #takeTrained}.
 */
public final class TrainingProgram {
    private static final int UPDATES = 3;

    private final TorchModule module;
    private final PassPieces pieces;
    private final int layers;

    /**
     * @param first the parameters' first values; none: every weight is trained
     * @param updates whether this copy makes the updates, and so keeps what they need
     * @param way who goes first on the device
     */
    TrainingProgram(
            ProgramOptions options,
            TorchModule module,
            List<AdapterLayer.Matrix> first,
            boolean updates,
            RightOfWay way) {
        this.module = module;
        pieces = new PassPieces(module, way);
        layers = options.config().numHiddenLayers();
        allocate(first, "allocate_training", "allocate_full_training");
        if (updates) {
            allocate(first, "allocate_optimizer", "allocate_full_optimizer");
        }
    }

    private void allocate(List<AdapterLayer.Matrix> first, String lora, String full) {
        if (first.isEmpty()) {
            module.apply(full, t -> new NDList(t.of(0.0)));
        } else {
            module.apply(
                    lora,
                    t -> t.list(
                            "given",
                            first.stream()
                                    .map(m -> t.of(m.values(), m.rows(), m.columns()))
                                    .toList()));
        }
    }

    /**
     * Forward and backward over one micro-batch; adds to the gradients. Returns as soon as the device has its work.
     *
     * @param divisor supervised tokens of the whole optimiser step
     * @param seed of the dropout
     * @param chunk supervised tokens whose logits exist at once
     * @param recompute whether to keep only the layers' inputs and compute each layer again in the backward pass
     */
    public void forwardBackward(MicroBatch microBatch, double divisor, long seed, int chunk, boolean recompute) {
        Mode mode = recompute ? Mode.RECOMPUTED : Mode.KEPT;
        int tokens = microBatch.tokenCount();
        forward(microBatch, seed, mode);
        pieces.run(Piece.END, 1, "begin_loss", t -> supervised(t, microBatch));
        int supervised = microBatch.targets().length;
        for (int first = 0; first < supervised; first += chunk) {
            long[] where = {first, Math.min(chunk, supervised - first)};
            pieces.run(Piece.LOSS, (int) where[1], "loss_chunk", t -> new NDList(t.of(where), t.of(divisor)));
        }
        pieces.run(Piece.END, 1, "end_loss", t -> new NDList(t.of(0.0)));
        int each = pieces.layersAtOnce(layers);
        for (int last = layers - 1; last >= 0; last -= each) {
            long[] where = {mode.number, last, Math.min(each, last + 1)};
            pieces.run(Piece.BACKWARD, tokens, "backward_layers", t -> new NDList(t.of(where)));
        }
        pieces.run(Piece.END, 1, "end_pass", t -> new NDList(t.of(0.0)));
        pieces.rest();
    }

    /** What is kept of the layers for what comes after them. */
    private enum Mode {
        KEPT(0),
        RECOMPUTED(1),
        EVALUATED(2);

        /** The number by which the program knows it. */
        private final long number;

        Mode(long number) {
            this.number = number;
        }
    }

    private void forward(MicroBatch microBatch, long seed, Mode mode) {
        int tokens = microBatch.tokenCount();
        pieces.run(Piece.BEGIN, tokens, "begin_pass", t -> {
            NDList list = inputs(t, microBatch);
            list.add(t.of(microBatch.b(), microBatch.s(), seed));
            list.add(t.of(mode.number, 0, 0));
            return list;
        });
        int each = pieces.layersAtOnce(layers);
        for (int first = 0; first < layers; first += each) {
            long[] where = {mode.number, first, Math.min(each, layers - first)};
            pieces.run(Piece.FORWARD, tokens, "forward_layers", t -> new NDList(t.of(where)));
        }
    }

    private static NDList supervised(Tensors t, MicroBatch microBatch) {
        return new NDList(
                t.of(microBatch.supervised()),
                t.of(microBatch.targets()),
                t.of(microBatch.weights(), microBatch.weights().length));
    }

    /** What a micro-batch adds up over its supervised tokens. */
    public record Totals(double loss, long correct) {}

    /** Loss sum and correct tokens of one micro-batch, without dropout. */
    public Totals evaluate(MicroBatch microBatch, int chunk) {
        forward(microBatch, 0, Mode.EVALUATED);
        float[] totals = pieces.read(Piece.EVALUATION, microBatch.targets().length, "evaluate_pass", t -> {
            NDList list = supervised(t, microBatch);
            list.add(t.of((long) chunk));
            return list;
        });
        pieces.rest();
        return new Totals(totals[0], (long) totals[1]);
    }

    private static NDList inputs(Tensors t, MicroBatch microBatch) {
        return new NDList(
                t.of(microBatch.tokens()),
                t.of(microBatch.positions()),
                t.of(microBatch.starts()),
                t.of(microBatch.rows()),
                t.of(microBatch.places()));
    }

    /**
     * What came of an optimiser step.
     *
     * @param gradNorm before clipping
     * @param skipped whether nothing was changed because it was not finite
     * @param loss sum over the step's micro-batches, each ÷ its divisor
     * @param correct tokens of the step's micro-batches
     */
    public record Update(double gradNorm, boolean skipped, double loss, long correct) {}

    /** Clips the gradients of the micro-batches since the last update, updates the parameters and clears the gradients. */
    public Update update(
            double learningRate, double beta1, double beta2, double eps, double weightDecay, double maxGradNorm) {
        float[] result = module.differentiate(
                "train_update", t -> new NDList(t.of(learningRate, beta1, beta2, eps, weightDecay, maxGradNorm)));
        return new Update(result[0], result[1] != 0, result[2], (long) result[3]);
    }

    /** Gives a DoRA adapter the magnitudes with which it changes no norm. Only where updates are made. */
    public void beginMagnitudes() {
        module.apply("begin_magnitudes", t -> new NDList(t.of(0.0)));
    }

    /** Runs a step of something else than a pass, giving way as passes do. */
    public void giveWay(Runnable step) {
        pieces.run(Piece.ANSWER, 1, step);
        pieces.rest();
    }

    /** Forgets what micro-batches have added to the gradients, after one of them failed. */
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
    public float[] read(Kept kept, int parameter) {
        return floats("read_training", IValue.from(kept.kind), IValue.from(parameter));
    }

    public void write(Kept kept, int parameter, float[] values) {
        write(values, kept.kind, parameter);
    }

    /** Updates that AdamW has made. */
    public long readUpdates() {
        return (long) floats("read_training", IValue.from(UPDATES), IValue.from(0))[0];
    }

    public void writeUpdates(long updates) {
        write(new float[] {updates}, UPDATES, 0);
    }

    private void write(float[] values, long kind, long index) {
        module.apply("write_training", t -> new NDList(t.of(values, values.length), t.of(kind, index)));
    }

    private float[] floats(String method, IValue... arguments) {
        try (Tensors t = module.tensors()) {
            return module.infer(method, t::floats, arguments);
        }
    }

    /** What the micro-batches since the last update have added up, once the device has done them. */
    public SharedTensors sums() {
        return shared("sums");
    }

    /** Adds another copy's sums to those here. Done when {@link #update} returns; until then nothing may change them there. */
    public void addSums(SharedTensors sums) {
        module.infer("add_sums", sums.value());
    }

    /** What is trained, as the micro-batches see it, once the device has done the last update. */
    public SharedTensors trained() {
        return shared("trained_tensors");
    }

    /** Takes over what another copy has trained, which may not change before {@link #sums} has returned here. */
    public void takeTrained(SharedTensors trained) {
        module.infer("take_trained", trained.value());
    }

    private SharedTensors shared(String method) {
        IValue value = module.share(method);
        floats("finished");
        return new SharedTensors(value);
    }
}
