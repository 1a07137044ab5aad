package io.lorikeet.engine.program;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.jni.IValue;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.DecoderLayout.Place;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Brings a checkpoint's weights into a program and gives them the format they are served in, a layer at a time, so that a
 * weight in 8 bits never lies beside the whole model in 16.
 */
final class WeightLoad {
    /** A product that quantising weights and activations changes by more keeps its weight as it was. */
    private static final double BOUND = 0.1;

    private static final List<LinearStack> STACKS = List.of(LinearStack.values());

    private final TorchModule module;
    private final ProgramOptions options;
    private final DecoderLayout layout;
    private final ModelCheckpoint checkpoint;
    private final Optional<MappedEnds> ends;
    private final IntConsumer finished;
    private final List<QuantizationError> errors = new ArrayList<>();

    /**
     * @param ends what is around the layers, if it stays in its files
     * @param finished hears of each layer that has its last form, then of all that is around them as one more
     */
    WeightLoad(
            TorchModule module,
            ProgramOptions options,
            ModelCheckpoint checkpoint,
            Optional<MappedEnds> ends,
            IntConsumer finished) {
        this.ends = ends;
        this.finished = finished;
        this.module = module;
        this.options = options;
        this.layout = options.layout();
        this.checkpoint = checkpoint;
    }

    /**
     * Loads everything.
     *
     * @param calibration tokens of a text that is run while weights are quantised; none: nothing is looked at
     * @return what quantising each product's weight does to it, as far as something was looked at
     */
    List<QuantizationError> load(int[] calibration) {
        return NativeHeap.whileLoading(() -> loadAll(calibration));
    }

    private List<QuantizationError> loadAll(int[] calibration) {
        Optional<QuantizedTensors> arriving =
                checkpoint.quantization().map(how -> new QuantizedTensors(module, checkpoint, how));
        int perLayer = layout.layerWeights().size();
        int layers = options.config().numHiddenLayers();
        try (var upload = new WeightUpload(module, longestRow())) {
            upload(upload, perLayer * layers, layout.weightCount());
            boolean quantized = options.weights().isQuantized() && arriving.isEmpty();
            if (quantized && calibration.length > 0) {
                long[] tokens = Arrays.stream(calibration).asLongStream().toArray();
                module.apply("begin_calibration", t -> new NDList(t.of(tokens)));
            }
            // the largest matrix first, while there is nothing else in memory
            beginHead();
            for (int layer = 0; layer < layers; layer++) {
                if (quantized) {
                    long number = layer;
                    module.apply("allocate_layer", t -> new NDList(t.of(number)));
                }
                upload(upload, perLayer * layer, perLayer * (layer + 1));
                if (arriving.isPresent()) {
                    arriving.get().load(layer);
                } else {
                    finish(layer);
                }
                finished.accept(layer);
            }
            finishHead();
            finished.accept(layers);
        }
        return List.copyOf(errors);
    }

    /** Loads the vectors alone: the matrices are there already. */
    void loadVectors() {
        try (var upload = new WeightUpload(module, longestRow())) {
            layout.places().stream()
                    .filter(place -> place.tensor().columns() == 0 && comesAsItIs(place))
                    .forEach(place ->
                            upload.load(place, checkpoint.tensor(place.tensor().name())));
        }
    }

    private long longestRow() {
        return layout.places().stream()
                .filter(this::comesAsItIs)
                .mapToLong(place -> checkpoint.tensor(place.tensor().name()).byteSize()
                        / place.tensor().rows())
                .max()
                .orElseThrow();
    }

    private void upload(WeightUpload upload, int fromWeight, int toWeight) {
        for (Place place : layout.places()) {
            if (place.weight() >= fromWeight && place.weight() < toWeight && comesAsItIs(place)) {
                upload.load(place, checkpoint.tensor(place.tensor().name()));
            }
        }
    }

    private boolean comesAsItIs(Place place) {
        String name = place.tensor().name();
        return checkpoint.tensors().containsKey(name) && !(ends.isPresent() && MappedEnds.isEnd(name));
    }

    private void finish(int layer) {
        switch (options.weights()) {
            case DENSE -> {}
            case PACKED -> module.infer("pack_layer", IValue.from(layer), IValue.from(rows()));
            case W8A8, INT8, INT4, INT4_G128, PACKED_INT4, PACKED_INT4_G128, NF4, FP8 -> quantize(layer);
        }
    }

    private void quantize(int layer) {
        float[] found =
                module.differentiate("quantize_layer", t -> new NDList(t.of((long) layer, rows()), t.of(bound())));
        for (int stack = 0; stack < found.length; stack++) {
            String name = STACKS.get(stack).name().toLowerCase(Locale.ROOT);
            errors.add(error("layers." + layer + "." + name, found[stack]));
        }
    }

    /** Gives the output matrix, where it serves on a processor, the form in which its products read it. */
    private void beginHead() {
        ends.ifPresent(mapped -> {
            module.infer(headInEightBits() ? "quantize_head" : "pack_head", IValue.from(rows()));
            mapped.unload();
        });
    }

    private void finishHead() {
        ends.ifPresent(mapped -> {
            if (headInEightBits()) {
                try (Tensors t = module.tensors()) {
                    for (float error : module.infer("check_head", t::floats, IValue.from(rows()), IValue.from(BOUND))) {
                        errors.add(new QuantizationError("lm_head", error, error <= BOUND));
                    }
                }
                mapped.unload();
            }
        });
    }

    private boolean headInEightBits() {
        return switch (options.weights()) {
            case W8A8, PACKED_INT4, PACKED_INT4_G128 -> true;
            case DENSE, PACKED, INT8, INT4, INT4_G128, NF4, FP8 -> false;
        };
    }

    /** What a weight alone loses is the format's own; only with its activations it may lose what nobody expects. */
    private double bound() {
        return options.weights() == WeightFormat.W8A8 ? BOUND : Double.MAX_VALUE;
    }

    private QuantizationError error(String weight, float error) {
        return new QuantizationError(weight, error, error <= bound());
    }

    /** Rows of a product in serving, about. */
    private int rows() {
        return options.maxNumSeqs();
    }
}
