package io.lorikeet.contracts;

import java.util.Optional;

/**
 * The model that an adapter belongs to.
 *
 * @param id directory name or id
 * @param fingerprint {@code sha256:…} over its weights and configuration, and of a quantised base {@code +} and what the weights
 *     were quantised to
 */
public record BaseModel(String id, String fingerprint) {
    private static final char FORMAT = '+';

    public BaseModel {
        Checks.present("id", id);
        Checks.matches("fingerprint", fingerprint, "\\S{1,255}");
    }

    /** The fingerprint of the weights as their files have them. */
    public String weights() {
        int format = fingerprint.indexOf(FORMAT);
        return format < 0 ? fingerprint : fingerprint.substring(0, format);
    }

    /** What they were quantised to; empty: they were not. */
    public Optional<String> format() {
        int format = fingerprint.indexOf(FORMAT);
        return format < 0 ? Optional.empty() : Optional.of(fingerprint.substring(format + 1));
    }

    /** The same base, not quantised. */
    public BaseModel unquantized() {
        return new BaseModel(id, weights());
    }
}
