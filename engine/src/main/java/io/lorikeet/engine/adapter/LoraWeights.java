package io.lorikeet.engine.adapter;

import java.util.List;
import java.util.Optional;

/**
 * One module's adapter in float32, row-major: A [r, in] and B [out, r], and what kinds of adapters beyond plain LoRA have. The
 * arrays are not copied: do not write to them.
 */
public final class LoraWeights {
    private final float[] a;
    private final float[] b;
    private final Optional<float[]> magnitude;
    private final Optional<float[]> loraBias;
    private final Optional<float[]> bias;

    public LoraWeights(float[] a, float[] b) {
        this(a, b, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** With all that any kind of adapter may have. */
    public LoraWeights(
            float[] a, float[] b, Optional<float[]> magnitude, Optional<float[]> loraBias, Optional<float[]> bias) {
        this.a = a;
        this.b = b;
        this.magnitude = magnitude;
        this.loraBias = loraBias;
        this.bias = bias;
    }

    /** With DoRA's magnitudes. */
    public static LoraWeights dora(float[] a, float[] b, float[] magnitude) {
        return new LoraWeights(a, b, Optional.of(magnitude), Optional.empty(), Optional.empty());
    }

    /** A, [r, in]. */
    public float[] a() {
        return a;
    }

    /** B, [out, r]. */
    public float[] b() {
        return b;
    }

    /** DoRA: the norm that each row of W + scale·B·A is brought to, [out]. */
    public Optional<float[]> magnitude() {
        return magnitude;
    }

    /** B's bias, [out], which counts by the scale. */
    public Optional<float[]> loraBias() {
        return loraBias;
    }

    /** What takes the place of the module's own bias, [out]. */
    public Optional<float[]> bias() {
        return bias;
    }

    /** All numbers that belong to the adapter. */
    long parameterCount() {
        long vectors = List.of(magnitude, loraBias, bias).stream()
                .flatMap(Optional::stream)
                .mapToLong(v -> v.length)
                .sum();
        return a.length + b.length + vectors;
    }
}
