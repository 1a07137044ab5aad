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
    private final List<QuantizationError> errors = new ArrayList<>();

    WeightLoad(TorchModule module, ProgramOptions options, ModelCheckpoint checkpoint) {
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
        long longestRow = layout.places().stream()
                .filter(this::comesAsItIs)
                .mapToLong(place -> checkpoint.tensor(place.tensor().name()).byteSize()
                        / place.tensor().rows())
                .max()
                .orElseThrow();
        Optional<QuantizedTensors> arriving =
                checkpoint.quantization().map(how -> new QuantizedTensors(module, checkpoint, how));
        int perLayer = layout.layerWeights().size();
        int layers = options.config().numHiddenLayers();
        try (var upload = new WeightUpload(module, longestRow)) {
            upload(upload, perLayer * layers, layout.weightCount());
            boolean quantized = options.weights().isQuantized() && arriving.isEmpty();
            if (quantized && calibration.length > 0) {
                long[] tokens = Arrays.stream(calibration).asLongStream().toArray();
                module.apply("begin_calibration", t -> new NDList(t.of(tokens)));
            }
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
            }
        }
        finishHead();
        return List.copyOf(errors);
    }

    private void upload(WeightUpload upload, int fromWeight, int toWeight) {
        for (Place place : layout.places()) {
            if (place.weight() >= fromWeight && place.weight() < toWeight && comesAsItIs(place)) {
                upload.load(place, checkpoint.tensor(place.tensor().name()));
            }
        }
    }

    private boolean comesAsItIs(Place place) {
        return checkpoint.tensors().containsKey(place.tensor().name());
    }

    private void finish(int layer) {
        switch (options.weights()) {
            case DENSE -> {}
            case PACKED -> module.infer("pack_layer", IValue.from(layer), IValue.from(rows()));
            case W8A8, INT8, INT4, INT4_G128, NF4, FP8 -> quantize(layer);
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

    private void finishHead() {
        switch (options.weights()) {
            case DENSE -> {}
            case PACKED -> module.infer("pack_head", IValue.from(rows()));
            case W8A8 -> quantizeEnds();
            case INT8, INT4, INT4_G128, NF4, FP8 -> {
                // the output matrix is as it was, and where it serves a processor reads it as its products do
                if (!options.device().isCuda() && options.trainedLora().index().isEmpty()) {
                    module.infer("pack_head", IValue.from(rows()));
                }
            }
        }
    }

    private void quantizeEnds() {
        try (Tensors t = module.tensors()) {
            float[] found = module.infer("quantize_ends", t::floats, IValue.from(rows()), IValue.from(bound()));
            for (float error : found) {
                errors.add(error("lm_head", error));
            }
        }
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
