package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a model's matrices are quantised when it is loaded. */
public enum Quantization {
    /** As the checkpoint has them, in the type of the activations. */
    NONE,
    /** 8 bits with a scale for each output channel, activations 8 bits with a scale for each token (W8A8). */
    INT8;

    /** The name of the setting's value. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
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
                .orElseThrow(() -> new IllegalArgumentException("quantization: expected "
                        + Arrays.stream(values()).map(Quantization::id).collect(Collectors.joining(" or "))
                        + ", found '" + id + "'"));
    }
}
