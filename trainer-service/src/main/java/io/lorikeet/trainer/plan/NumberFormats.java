package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.settings.TorchDtype;
import io.lorikeet.engine.model.DType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Number formats in a job's words, in which a model can be trained and written, and in the engine's. Both are PyTorch's names. */
public final class NumberFormats {
    private NumberFormats() {}

    /** What the engine calls it. */
    static DType of(TorchDtype format) {
        return DType.ofTorchName(name(format)).orElseThrow();
    }

    /** What a job calls it. */
    static TorchDtype of(DType format) {
        return TorchDtype.valueOf(format.torchName().toUpperCase(Locale.ROOT));
    }

    /** Reads {@code float32} or {@code bfloat16}; empty if it is another text. */
    public static Optional<DType> named(String text) {
        return Arrays.stream(TorchDtype.values())
                .filter(format -> name(format).equals(text))
                .findFirst()
                .map(NumberFormats::of);
    }

    private static String name(TorchDtype format) {
        return format.name().toLowerCase(Locale.ROOT);
    }
}
