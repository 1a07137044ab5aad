package io.lorikeet.engine.training;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.checkpoint.CheckpointQuantization;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.DeviceMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a training needs of a device, the first if there are several, in bytes, counted from the shapes of the model and of its program's intermediate
 * results. An estimate: allocators round up and fragment.
 *
 * @param weights of the base model
 * @param training trained parameters beside the weights, gradients and both moments
 * @param logits of a chunk of supervised tokens with all that their loss needs
 * @param perToken activations for each token of a micro-batch
 */
public record MemoryEstimate(List<Device> devices, long weights, long training, long logits, long perToken) {
    /** Share of the memory that is planned with. */
    private static final double USABLE = 0.9;

    private static final double FRAGMENTATION = 1.15;
    private static final double GIB = 1L << 30;
    private static final int SMALLEST_MICRO_BATCH = 256;
    /** Beyond these a larger micro-batch is no faster: what keeps the cores of a processor, or those of a card, busy. */
    private static final int LARGEST_MICRO_BATCH_CPU = 4_096;

    private static final int LARGEST_MICRO_BATCH_CUDA = 16_384;

    /** The estimate for these options, over weights that come quantised if they do. */
    public static MemoryEstimate of(ModelConfig config, TrainingOptions options) {
        Quantization held = CheckpointQuantization.held(options.model(), options.quantization());
        return of(config, options.devices(), options.dtype(), options.lora(), options.gradientCheckpointing(), held);
    }

    /**
     * The estimate for a training.
     *
     * @param lora none: every weight is trained
     * @param recompute whether only the layers' inputs are kept
     * @param quantization of the weights
     */
    public static MemoryEstimate of(
            ModelConfig config,
            List<Device> devices,
            DType dtype,
            Optional<LoraConfig> lora,
            boolean recompute,
            Quantization quantization) {
        long element = dtype.byteSize();
        long parameters = DecoderLayout.of(config).parameters();
        // parameters, gradients and both moments, which of them belong to a parameter, and what the micro-batches read
        long training = lora.map(settings -> stackElements(config, settings) * (4 * Float.BYTES + 1 + element))
                .orElse(parameters * (Float.BYTES + 2 * element));
        // logits in the model's type and in float32, their softmax, both gradients
        long logits = (long) TrainingSession.LOSS_CHUNK * config.vocabSize() * (3 * Float.BYTES + 2 * element);
        long layer = layerElements(config, lora) * element;
        long layers = config.numHiddenLayers();
        long perToken = recompute ? layers * config.hiddenSize() * element + 2 * layer : layers * layer + layer;
        long weights = parameters * element + quantized(config, quantization, element, recompute);
        return new MemoryEstimate(devices, weights, training, logits, (long) (perToken * FRAGMENTATION));
    }

    /**
     * What quantised matrices take more than as they are, or less: for their gradients a layer's matrices are there as what they
     * stand for, without recomputation those of all layers, and of the largest what it is made of.
     */
    private static long quantized(ModelConfig config, Quantization quantization, long element, boolean recompute) {
        if (quantization == Quantization.NONE) {
            return 0;
        }
        long largest = 0;
        long layer = 0;
        for (LinearStack stack : LinearStack.values()) {
            long elements = stack.elements(config);
            layer += elements;
            largest = Math.max(largest, elements);
        }
        long layers = config.numHiddenLayers();
        long held = (long) (layers * layer * quantization.bitsPerWeight() / Byte.SIZE);
        return held + (recompute ? 1 - layers : 0) * layer * element + largest * 2 * Short.BYTES;
    }

    /** Numbers that training changes. */
    public static long trainableParameters(ModelConfig config, Optional<LoraConfig> lora) {
        return lora.map(settings -> loraParameters(config, settings))
                .orElseGet(() -> DecoderLayout.of(config).parameters());
    }

    private static long loraParameters(ModelConfig config, LoraConfig lora) {
        long layer = 0;
        for (LinearModule module : lora.targetModules()) {
            layer += (long) lora.r() * (module.inFeatures(config) + module.outFeatures(config));
            layer += lora.useDora() ? module.outFeatures(config) : 0;
        }
        return config.numHiddenLayers() * layer;
    }

    /** Numbers in an adapter's stacks, where modules that share an input lie together ({@link LinearStack}). */
    private static long stackElements(ModelConfig config, LoraConfig lora) {
        long layer = 0;
        for (LinearStack stack : adapted(lora)) {
            layer += (long) stack.modules().size() * lora.r() * (stack.inFeatures(config) + stack.outFeatures(config));
            layer += lora.useDora() ? stack.outFeatures(config) : 0;
        }
        return config.numHiddenLayers() * layer;
    }

    /** What autograd keeps of a layer for each token. */
    private static long layerElements(ModelConfig config, Optional<LoraConfig> lora) {
        long hidden = config.hiddenSize();
        long attention = config.attentionSize();
        long keyValue = config.keyValueSize();
        long mlp = config.intermediateSize();
        // two norms, two residual sums, two outputs; q, k, v as projected, rotated, laid out in rows; attended twice;
        // swiglu
        long elements =
                6 * hidden + 3 * (attention + 2 * keyValue) + 2 * (attention + keyValue) + 2 * attention + 4 * mlp;
        if (config.architecture().qkNorm()) {
            elements += attention + keyValue;
        }
        if (lora.isPresent()) {
            elements += (long) lora.get().targetModules().size() * lora.get().r();
            if (lora.get().loraDropout() > 0) {
                elements += 2 * droppedElements(config, lora.get());
            }
            if (lora.get().useDora()) {
                // before and after the gain, which is float32
                elements += 3
                        * adapted(lora.get()).stream()
                                .mapToLong(stack -> stack.outFeatures(config))
                                .sum();
            }
        }
        return elements;
    }

    /** Inputs that dropout goes over, for each token: modules that share one share its mask. */
    private static long droppedElements(ModelConfig config, LoraConfig lora) {
        return adapted(lora).stream()
                .mapToLong(stack -> stack.inFeatures(config))
                .sum();
    }

    /** The stacks that hold a module which the adapter changes. */
    private static List<LinearStack> adapted(LoraConfig lora) {
        return Arrays.stream(LinearStack.values())
                .filter(stack -> stack.modules().stream().anyMatch(lora.targetModules()::contains))
                .toList();
    }

    /** Activations of a micro-batch of so many tokens. */
    public long activations(int tokens) {
        return logits + tokens * perToken;
    }

    /** All of it with micro-batches of so many tokens. */
    public long total(int tokens) {
        return weights + training + activations(tokens);
    }

    /**
     * Tokens of a micro-batch that fit in so many bytes: the most that is of use, halved until it fits. So the same machine gives
     * the same number although its free memory is never the same twice.
     */
    public int tokensWithin(long bytes) {
        int tokens = devices.getFirst().isCuda() ? LARGEST_MICRO_BATCH_CUDA : LARGEST_MICRO_BATCH_CPU;
        while (tokens > SMALLEST_MICRO_BATCH && total(tokens) > bytes * USABLE) {
            tokens /= 2;
        }
        return tokens;
    }

    /** What was tried and what would fit, for a person. */
    String explain(PreparedBatch first, boolean firstRecomputed, PreparedBatch second) {
        String tried =
                "%s has too little memory: micro-batches of up to %d tokens%s did not fit, nor did micro-batches of up to %d with recomputation"
                        .formatted(
                                Device.names(devices),
                                first.largestMicroBatch(),
                                firstRecomputed ? " with recomputation" : "",
                                second.largestMicroBatch());
        String row = "; the longest row has %d tokens".formatted(first.longestRow());
        String fits = DeviceMemory.ofEach(devices)
                .map(memory -> {
                    // the weights and the optimiser's state are there already
                    long tokens = Math.max(0, (long) ((memory.free() * USABLE - logits) / perToken));
                    return String.format(
                            Locale.ROOT,
                            "; %.1f of %.1f GiB are free, so about %d tokens would fit: set max_tokens_per_pass and max_length to no more, or free memory that others use",
                            memory.free() / GIB,
                            memory.total() / GIB,
                            tokens);
                })
                .orElse("; lower max_tokens_per_pass and max_length, or free memory that others use");
        return tried + row + fits;
    }
}
