package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a model's matrices are quantised when it is loaded, those of its linear modules; norms and biases never are. */
public enum Quantization {
    /** As the checkpoint has them, in the type of the activations. */
    NONE(0),
    /**
     * 8 bits with a scale for each output channel. On an x86-64 processor activations are in 8 bits too, with a scale for each
     * token (W8A8), and so is the output matrix.
     */
    INT8(8),
    /** 4 bits in groups of 32 columns, each with a scale and a zero point. */
    INT4(4 + 24 / 32.0),
    /** The same in groups of 128. */
    INT4_G128(4 + 24 / 128.0),
    /** 4-bit NormalFloat with double quantisation, as QLoRA trains over it (Dettmers et al., arXiv:2305.14314). */
    NF4(4 + 8 / 64.0),
    /** 8 bits of floating point, e4m3, with a scale for each output channel. */
    FP8(8);

    private final double bitsPerWeight;

    Quantization(double bitsPerWeight) {
        this.bitsPerWeight = bitsPerWeight;
    }

    /** Bits that a weight takes, its share of scales and zero points among them; 0: as many as in the type of the activations. */
    public double bitsPerWeight() {
        return bitsPerWeight;
    }

    /** The name of the setting's value. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Reads the setting.
     *
     * @throws IllegalArgumentException naming what there is
     */
    public static Quantization of(String id) {
        return Arrays.stream(values())
                .filter(q -> q.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("quantization: expected one of "
                        + Arrays.stream(values()).map(Quantization::id).collect(Collectors.joining(", "))
                        + ", found '" + id + "'"));
    }
}
