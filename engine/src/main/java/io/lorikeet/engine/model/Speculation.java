package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Whether a processor's decode steps check drafts, tokens that may be what an answer says next. */
public enum Speculation {
    /** Never. */
    OFF,
    /** Where it pays: with what followed the same tokens in the prompt and the answer so far. */
    AUTO,
    /** The same, also with the answers to an adapter's acceptance questions. */
    ACCEPTANCE;

    /** The name of the setting's value. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the setting.
     *
     * @throws IllegalArgumentException naming what there is
     */
    public static Speculation of(String id) {
        return Arrays.stream(values())
                .filter(speculation -> speculation.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("speculation: expected one of "
                        + Arrays.stream(values()).map(Speculation::id).collect(Collectors.joining(", ")) + ", found '"
                        + id + "'"));
    }
}
