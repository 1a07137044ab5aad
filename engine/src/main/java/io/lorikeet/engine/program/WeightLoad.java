package io.lorikeet.engine.program;

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
import java.util.function.IntConsumer;

/**
 * Brings a checkpoint's weights into a program and gives them the format they are served in, a layer at a time, so that a
 * weight in 8 bits never lies beside the whole model in 16.
 */
final class WeightLoad {
    /** A product that quantising changes by more keeps its weight as it was. */
    private static final double BOUND = 0.1;

    private static final List<LinearStack> STACKS = List.of(LinearStack.values());

    private final TorchModule module;
    private final ProgramOptions options;
    private final DecoderLayout layout;
    private final ModelCheckpoint checkpoint;
    private final IntConsumer finished;
    private final List<QuantizationError> errors = new ArrayList<>();

    /** @param finished hears of each layer that has its last form, then of all that is around them as one more */
    WeightLoad(TorchModule module, ProgramOptions options, ModelCheckpoint checkpoint, IntConsumer finished) {
        this.finished = finished;
        this.module = module;
        this.options = options;
        this.layout = options.layout();
        this.checkpoint = checkpoint;
    }

    /**
     * Loads everything.
     *
     * @param calibration tokens of a text that is run while weights are quantised; unused if they are not
     * @return what quantising each product's weight does to it; empty if none is quantised
     */
    List<QuantizationError> load(int[] calibration) {
        int perLayer = layout.layerWeights().size();
        int layers = options.config().numHiddenLayers();
        try (var upload = new WeightUpload(module, longestRow())) {
            upload(upload, perLayer * layers, layout.weightCount());
            if (options.weights() == WeightFormat.INT8) {
                begin(calibration);
            }
            for (int layer = 0; layer < layers; layer++) {
                upload(upload, perLayer * layer, perLayer * (layer + 1));
                finish(layer);
                finished.accept(layer);
            }
        }
        finishHead();
        finished.accept(layers);
        return List.copyOf(errors);
    }

    /** Loads the vectors alone: the matrices are there already. */
    void loadVectors() {
        try (var upload = new WeightUpload(module, longestRow())) {
            layout.places().stream()
                    .filter(place -> place.tensor().columns() == 0)
                    .forEach(place ->
                            upload.load(place, checkpoint.tensor(place.tensor().name())));
        }
    }

    private long longestRow() {
        return layout.places().stream()
                .mapToLong(place -> checkpoint.tensor(place.tensor().name()).byteSize()
                        / place.tensor().rows())
                .max()
                .orElseThrow();
    }

    private void upload(WeightUpload upload, int fromWeight, int toWeight) {
        for (Place place : layout.places()) {
            if (place.weight() >= fromWeight && place.weight() < toWeight) {
                upload.load(place, checkpoint.tensor(place.tensor().name()));
            }
        }
    }

    private void begin(int[] calibration) {
        long[] tokens = Arrays.stream(calibration).asLongStream().toArray();
        try (Tensors t = module.tensors()) {
            module.infer("begin_quantizing", IValue.from(t.of(tokens)));
        }
    }

    private void finish(int layer) {
        switch (options.weights()) {
            case DENSE -> {}
            case PACKED -> module.infer("pack_layer", IValue.from(layer), rows());
            case INT8 -> {
                float[] found = quantized("quantize_layer", IValue.from(layer), rows(), IValue.from(BOUND));
                for (int stack = 0; stack < found.length; stack++) {
                    String name = STACKS.get(stack).name().toLowerCase(Locale.ROOT);
                    errors.add(error("layers." + layer + "." + name, found[stack]));
                }
            }
        }
    }

    private void finishHead() {
        switch (options.weights()) {
            case DENSE -> {}
            case PACKED -> module.infer("pack_head", rows());
            case INT8 -> errors.add(error("lm_head", quantized("quantize_ends", rows(), IValue.from(BOUND))[0]));
        }
    }

    private float[] quantized(String method, IValue... arguments) {
        try (Tensors t = module.tensors()) {
            return module.infer(method, t::floats, arguments);
        }
    }

    private static QuantizationError error(String weight, float error) {
        return new QuantizationError(weight, error, error <= BOUND);
    }

    /** Rows of a product in serving, about. */
    private IValue rows() {
        return IValue.from(options.maxNumSeqs());
    }
}
