package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.settings.QuantMethod;
import io.lorikeet.contracts.settings.QuantSettings;
import io.lorikeet.contracts.settings.TrainType;
import io.lorikeet.contracts.settings.TrainingSettings;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.trainer.RunException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A job's words for a quantised base, ms-swift's, and the engine's. */
public final class BaseQuantization {
    private static final int NORMAL_FLOAT_BITS = 4;
    private static final int INTEGER_BITS = 8;

    private BaseQuantization() {}

    /** What the base is quantised to; {@link #refused} has looked at the settings. */
    public static Quantization of(QuantSettings settings) {
        if (settings.quantMethod() == QuantMethod.FP8) {
            return Quantization.FP8;
        }
        if (settings.quantMethod() == null && settings.quantBits() == null) {
            return Quantization.NONE;
        }
        return bits(settings) == INTEGER_BITS ? Quantization.INT8 : Quantization.NF4;
    }

    /** @throws RunException if weights are to be multiplied as something else than the model's type */
    static Quantization of(QuantSettings settings, DType dtype) {
        if (settings.bnb4bitComputeDtype() != null && NumberFormats.of(settings.bnb4bitComputeDtype()) != dtype) {
            throw new RunException(
                    "settings",
                    false,
                    "bnb_4bit_compute_dtype: is %s, and torch_dtype %s; weights are multiplied as the latter"
                            .formatted(
                                    NumberFormats.of(settings.bnb4bitComputeDtype())
                                            .torchName(),
                                    dtype.torchName()));
        }
        return of(settings);
    }

    private static int bits(QuantSettings settings) {
        return Optional.ofNullable(settings.quantBits()).orElse(NORMAL_FLOAT_BITS);
    }

    /** What of a job's settings cannot be done, a line each. */
    static List<String> refused(TrainingSettings settings) {
        QuantSettings quant = settings.quant();
        List<String> refused = new ArrayList<>();
        if (of(quant) != Quantization.NONE && settings.run().trainType() == TrainType.FULL) {
            refused.add(
                    "quant_method: train_type full trains every weight, and quantised ones cannot be; train_type lora"
                            + " trains an adapter over them");
        }
        if (bits(quant) != NORMAL_FLOAT_BITS && bits(quant) != INTEGER_BITS) {
            refused.add("quant_bits: is %d, expected 4 or 8".formatted(bits(quant)));
        }
        if (quant.quantMethod() == QuantMethod.FP8 && quant.quantBits() != null && bits(quant) != INTEGER_BITS) {
            refused.add("quant_bits: is %d, and quant_method fp8 has 8".formatted(bits(quant)));
        }
        if (!quant.bnb4bitUseDoubleQuant()) {
            refused.add("bnb_4bit_use_double_quant: is false; scales of 4 bits are always quantised");
        }
        return refused;
    }
}
