package io.lorikeet.engine.adapter;

/** One module's adapter in float32, row-major: A [r, in] and B [out, r]. The arrays are not copied: do not write to them. */
public final class LoraWeights {
    private final float[] a;
    private final float[] b;

    public LoraWeights(float[] a, float[] b) {
        this.a = a;
        this.b = b;
    }

    /** A, [r, in]. */
    public float[] a() {
        return a;
    }

    /** B, [out, r]. */
    public float[] b() {
        return b;
    }
}
