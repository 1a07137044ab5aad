package io.lorikeet.engine.program;

import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.ModelConfig;
import java.util.List;

/**
 * What the numeric program is built for.
 *
 * @param dtype the type of weights (but see {@code weights}), activations and cache: F32 or BF16
 * @param rotaryDtype the type that the rotary embedding's inverse frequencies are rounded to before use. F32 as every loader
 *     of Hugging Face checkpoints has it; BF16 reproduces a model that was cast to bfloat16 as a whole, buffers included
 * @param maxNumSeqs cache slots: sequences that run at once
 * @param maxModelLen tokens of a sequence at most, prompt and answer
 * @param maxLoras adapters resident at once
 * @param maxLoraRank rank of an adapter at most
 * @param loraRankRows ranks of all resident adapters together at most
 * @param trainedLora the adapter to train; {@link TrainedLora#NONE} if there is none
 * @param weights how the matrices are held
 * @param kernels whether decode steps may run as kernels of our own
 */
public record ProgramOptions(
        ModelConfig config,
        Device device,
        DType dtype,
        DType rotaryDtype,
        int maxNumSeqs,
        int maxModelLen,
        int maxLoras,
        int maxLoraRank,
        int loraRankRows,
        TrainedLora trainedLora,
        WeightFormat weights,
        Kernels kernels) {
    public ProgramOptions {
        weights.check(device);
        if (dtype != DType.F32 && dtype != DType.BF16) {
            throw new IllegalArgumentException("dtype: expected F32 or BF16, found " + dtype);
        }
        atLeastOne("maxNumSeqs", maxNumSeqs);
        atLeastOne("maxModelLen", maxModelLen);
        atLeastOne("maxLoras", maxLoras);
        atLeastOne("maxLoraRank", maxLoraRank);
        if (loraRankRows < maxLoraRank) {
            throw new IllegalArgumentException(
                    "loraRankRows: expected at least maxLoraRank " + maxLoraRank + ", found " + loraRankRows);
        }
        if (maxModelLen > config.maxPositionEmbeddings()) {
            throw new IllegalArgumentException("maxModelLen: the model's max_position_embeddings is "
                    + config.maxPositionEmbeddings() + ", found " + maxModelLen);
        }
    }

    /** Weights as they are, and room for as many adapters of the largest rank as may be resident. */
    public ProgramOptions(
            ModelConfig config,
            Device device,
            DType dtype,
            DType rotaryDtype,
            int maxNumSeqs,
            int maxModelLen,
            int maxLoras,
            int maxLoraRank,
            TrainedLora trainedLora) {
        this(
                config,
                device,
                dtype,
                rotaryDtype,
                maxNumSeqs,
                maxModelLen,
                maxLoras,
                maxLoraRank,
                maxLoras * maxLoraRank,
                trainedLora,
                WeightFormat.DENSE,
                Kernels.AUTO);
    }

    /** The same with weights held otherwise. */
    public ProgramOptions with(WeightFormat format) {
        return with(format, kernels);
    }

    /** The same with or without kernels of our own. */
    public ProgramOptions with(Kernels other) {
        return with(weights, other);
    }

    private ProgramOptions with(WeightFormat format, Kernels other) {
        return new ProgramOptions(
                config,
                device,
                dtype,
                rotaryDtype,
                maxNumSeqs,
                maxModelLen,
                maxLoras,
                maxLoraRank,
                loraRankRows,
                trainedLora,
                format,
                other);
    }

    /** Where everything is in a model of this configuration. */
    DecoderLayout layout() {
        return DecoderLayout.of(config);
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": expected at least 1, found " + value);
        }
    }

    /**
     * Where each module of each layer finds its parameters among the trained ones, and how they are trained.
     *
     * @param index for layer l and linear module m at {@code modules·l + m}, as {@link DecoderLayout} counts them: the place of A;
     *     B follows it, then with DoRA the magnitude; -1 if the module is not adapted; empty if no adapter is trained
     * @param scale alpha/r, or alpha/√r
     * @param dropout probability of dropping an element of an adapter's input
     * @param dora whether rows have magnitudes
     * @param lrRatio learning rate of all but the A's, by the A's
     */
    public record TrainedLora(List<Integer> index, double scale, double dropout, boolean dora, double lrRatio) {
        public static final TrainedLora NONE = new TrainedLora(List.of(), 0, 0, false, 1);

        public TrainedLora {
            index = List.copyOf(index);
        }
    }
}
