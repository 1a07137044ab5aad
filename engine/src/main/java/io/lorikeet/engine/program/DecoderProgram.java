package io.lorikeet.engine.program;

import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.DecoderLayout.Place;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.TorchModule.Tensors;
import io.lorikeet.engine.sharing.Chunks;
import io.lorikeet.engine.sharing.RightOfWay;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.engine.sharing.StepSign;
import java.util.List;
import java.util.Optional;

/**
 * A decoder with LoRA on its device: its weights, and what serves ({@link #serve}) or trains ({@link #train}) with them.
 * Each method is one call of the numeric program ({@code program/decoder/model.torchscript}, whose comments give shapes and
 * meaning). Belongs to the thread that loads it.
 */
public final class DecoderProgram implements AutoCloseable {
    private final ProgramOptions options;
    private final DecoderLayout layout;
    private final TorchModule module;
    private List<QuantizationError> quantizationErrors = List.of();
    /** Memory of the weights that other processes have too. */
    private Optional<Chunks> chunks = Optional.empty();

    /** Weights that stay in the checkpoint's files. */
    private Optional<MappedEnds> ends = Optional.empty();

    private Optional<ServingProgram> serving = Optional.empty();
    private Optional<RightOfWay> way = Optional.empty();

    private DecoderProgram(ProgramOptions options) {
        this.options = options;
        this.layout = options.layout();
        this.module = new TorchModule(ProgramArchive.pack(options), options.device());
    }

    /** Builds the program and brings the checkpoint's weights to its device. */
    public static DecoderProgram load(ProgramOptions options, ModelCheckpoint checkpoint) {
        return load(options, checkpoint, new int[0], Sharing.OFF);
    }

    /** The same with a text to run while weights are quantised. */
    public static DecoderProgram load(ProgramOptions options, ModelCheckpoint checkpoint, int[] calibration) {
        return load(options, checkpoint, calibration, Sharing.OFF);
    }

    /** The same with weights that other processes have too; they are not trained then. */
    public static DecoderProgram load(ProgramOptions options, ModelCheckpoint checkpoint, Sharing sharing) {
        return load(options, checkpoint, new int[0], sharing);
    }

    /**
     * The same with a text to run while weights are quantised, which tells what that does to their products; where activations
     * are quantised too, weights that suffer too much stay as they are.
     *
     * @param calibration its tokens; none: nothing is looked at
     * @param sharing with which processes the weights are shared; nobody's change then
     */
    public static DecoderProgram load(
            ProgramOptions options, ModelCheckpoint checkpoint, int[] calibration, Sharing sharing) {
        var program = new DecoderProgram(options);
        try {
            var base = new BaseWeights(program.module, options, checkpoint);
            try {
                program.quantizationErrors = base.load(calibration, sharing);
            } finally {
                program.chunks = base.chunks();
                program.ends = base.ends();
            }
            return program;
        } catch (RuntimeException e) {
            program.close();
            throw e;
        }
    }

    /** What quantising did to each product, in the order of the layers; empty if nothing was looked at. */
    public List<QuantizationError> quantizationErrors() {
        return quantizationErrors;
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
        try (Tensors t = module.tensors()) {
            return module.infer(
                    "read_weight",
                    t::floats,
                    IValue.from(place.weight()),
                    IValue.from(place.firstRow()),
                    IValue.from(place.tensor().rows()));
        }
    }

    /** What serves with these weights; made at the first call. */
    public ServingProgram serve() {
        if (serving.isEmpty()) {
            serving = Optional.of(new ServingProgram(options, module));
        }
        return serving.get();
    }

    /**
     * Trains parts of the model.
     *
     * @param first the first values of a LoRA adapter's parameters, in the order of {@code TrainedLora.index}; none: every
     *     weight is trained
     * @param updates whether this copy of the program makes the updates; others take its parameters over
     * @param sharing to whom it gives way
     */
    public TrainingProgram train(List<Matrix> first, boolean updates, Sharing sharing) {
        var opened = RightOfWay.of(sharing, deviceName());
        way = Optional.of(opened);
        return new TrainingProgram(options, module, first, updates, opened);
    }

    /** What says to trainers on this device that a step runs; the caller's to close. */
    public StepSign stepSign(Sharing sharing) {
        return StepSign.of(sharing, deviceName());
    }

    /** The same name in all processes of the host, whatever number each of them knows the device by. */
    private String deviceName() {
        return module.stream()
                .map(stream -> new CudaMemory(stream.driver(), options.device()).uuid())
                .orElseGet(() -> options.device().torchName());
    }

    @Override
    public void close() {
        serving.ifPresent(ServingProgram::close);
        way.ifPresent(RightOfWay::close);
        module.close();
        chunks.ifPresent(Chunks::close);
        ends.ifPresent(MappedEnds::close);
        if (options.device().isCuda()) {
            // PyTorch keeps freed memory for the stream that had it; whoever comes next has another
            JniUtils.emptyCudaCache();
        }
    }
}
