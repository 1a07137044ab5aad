package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Whether a GPU's decode steps run as kernels of this engine's own. */
public enum Kernels {
    /** Where model and device allow it. */
    AUTO,
    /** Never: the numeric program runs them. */
    OFF;

    /** The name of the setting's value. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the setting.
     *
     * @throws IllegalArgumentException naming what there is
     */
    public static Kernels of(String id) {
        return Arrays.stream(values())
                .filter(kernels -> kernels.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kernels: expected "
                        + Arrays.stream(values()).map(Kernels::id).collect(Collectors.joining(" or ")) + ", found '"
                        + id + "'"));
    }
}
