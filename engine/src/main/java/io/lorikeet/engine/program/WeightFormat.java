package io.lorikeet.engine.program;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.Quantization;
import java.util.Optional;

/** How the numeric program holds the matrices of a layer's products ({@code format.torchscript}). */
public enum WeightFormat {
    /** As they are: they are trained, read and served. */
    DENSE("dense", 0),
    /** On a processor, as its products read them, which about halves a decode step. They serve, no more. */
    PACKED("packed", 0),
    /** On a processor, in 8 bits with a scale for each row, inputs quantised row by row (W8A8). They serve, no more. */
    W8A8("w8a8", 0),
    /** In 8 bits with a scale for each row; made a matrix of for each product, as all that follow. */
    INT8("int8", 0),
    INT4("int4", 32),
    INT4_G128("int4", 128),
    /**
     * Those in 4 bits on a processor, as its products for a decode step's few rows read them; a prompt's rows share a matrix. They
     * serve, no more.
     */
    PACKED_INT4("int4-packed", 32),
    PACKED_INT4_G128("int4-packed", 128),
    NF4("nf4", 0),
    FP8("fp8", 0);

    private final String programName;
    private final int group;

    WeightFormat(String programName, int group) {
        this.programName = programName;
        this.group = group;
    }

    /**
     * What serves a checkpoint's weights that are quantised so.
     *
     * @throws EngineException if it comes quantised, and is to be quantised otherwise
     */
    public static WeightFormat serving(ModelCheckpoint checkpoint, Quantization quantization, Device device) {
        var format = asItComes(checkpoint, quantization).orElseGet(() -> switch (quantization) {
            case NONE -> device.isCuda() ? DENSE : PACKED;
            case INT8 -> hasOneDnn(device) ? W8A8 : INT8;
            case INT4, INT4_G128, NF4, FP8 -> quantized(quantization);
        });
        return hasOneDnn(device) ? format.packed() : format;
    }

    private WeightFormat packed() {
        return switch (this) {
            case INT4 -> PACKED_INT4;
            case INT4_G128 -> PACKED_INT4_G128;
            case DENSE, PACKED, W8A8, INT8, PACKED_INT4, PACKED_INT4_G128, NF4, FP8 -> this;
        };
    }

    /** What is trained over a checkpoint's weights that are quantised so; as {@link #serving}. */
    public static WeightFormat training(ModelCheckpoint checkpoint, Quantization quantization) {
        return asItComes(checkpoint, quantization).orElseGet(() -> quantized(quantization));
    }

    private static Optional<WeightFormat> asItComes(ModelCheckpoint checkpoint, Quantization quantization) {
        return checkpoint.quantization().map(how -> {
            if (quantization != Quantization.NONE) {
                throw new EngineException("quantization " + quantization.id() + ": the checkpoint comes quantised, by "
                        + how.method().id() + " in " + how.bits() + " bits; leave the setting out");
            }
            return how.bits() == Byte.SIZE ? INT8 : INT4;
        });
    }

    private static WeightFormat quantized(Quantization quantization) {
        return switch (quantization) {
            case NONE -> DENSE;
            case INT8 -> INT8;
            case INT4 -> INT4;
            case INT4_G128 -> INT4_G128;
            case NF4 -> NF4;
            case FP8 -> FP8;
        };
    }

    private static boolean hasOneDnn(Device device) {
        return !device.isCuda() && ProgramArchive.HAS_ONEDNN;
    }

    /** Refuses a device that has no such products. */
    void check(Device device) {
        boolean possible =
                switch (this) {
                    case DENSE, INT8, INT4, INT4_G128, NF4, FP8 -> true;
                    case PACKED -> !device.isCuda();
                    case W8A8, PACKED_INT4, PACKED_INT4_G128 -> hasOneDnn(device);
                };
        if (!possible) {
            throw new EngineException("weights " + programName + ": need device cpu"
                    + (this == PACKED ? "" : " on an x86-64 processor") + "; found device " + device.torchName()
                    + " on "
                    + System.getProperty("os.arch"));
        }
    }

    /** Whether the weights become something else than what is loaded, a layer at a time. */
    boolean isQuantized() {
        return this != DENSE && this != PACKED;
    }

    /** What the program calls it. */
    String programName() {
        return programName;
    }

    /** Columns of a row that share a scale; 0: the format knows. */
    int group() {
        return group;
    }
}
