package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.WRONG_BASE;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.engine.model.Quantization;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which adapters are served over the base that they were trained on in another format: a fingerprint is that of the weights in
 * their files and, behind a {@code +}, what they were quantised to.
 */
public enum OtherFormats {
    /** None. */
    NEVER,
    /** Those trained over weights that are not quantised, by a replica that has them in 8 bits, which changes little. */
    AUTO,
    /** All. */
    ALWAYS;

    private static final Set<String> EIGHT_BITS = Set.of(Quantization.INT8.id(), Quantization.FP8.id());

    /**
     * Reads the setting.
     *
     * @throws IllegalArgumentException naming what there is
     */
    public static OtherFormats of(String value) {
        return Arrays.stream(values())
                .filter(v -> v.id().equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("adapters-of-other-formats: expected one of "
                        + Arrays.stream(values()).map(OtherFormats::id).collect(Collectors.joining(", ")) + ", found '"
                        + value + "'"));
    }

    private String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws AdapterRejectedException if an adapter of the one base must not be served over the other */
    void check(BaseModel trainedOn, BaseModel served) {
        if (!trainedOn.weights().equals(served.weights())) {
            throw new AdapterRejectedException(
                    WRONG_BASE,
                    "base_model is " + trainedOn.id() + " with fingerprint " + trainedOn.fingerprint()
                            + ", this replica serves " + served.id() + " with " + served.fingerprint());
        }
        boolean allowed = trainedOn.format().equals(served.format())
                || switch (this) {
                    case NEVER -> false;
                    case AUTO ->
                        trainedOn.format().isEmpty()
                                && served.format().filter(EIGHT_BITS::contains).isPresent();
                    case ALWAYS -> true;
                };
        if (!allowed) {
            throw new AdapterRejectedException(
                    WRONG_BASE,
                    "base_model has quantization " + name(trainedOn) + ", and this replica serves " + served.id()
                            + " with "
                            + name(served) + "; LORIKEET_QUANTIZATION=" + name(trainedOn)
                            + " serves it over the base that it was trained on, LORIKEET_ADAPTERS_OF_OTHER_FORMATS=always"
                            + " over this one too: ask its acceptance questions again before");
        }
    }

    private static String name(BaseModel base) {
        return base.format().orElse(Quantization.NONE.id());
    }
}
