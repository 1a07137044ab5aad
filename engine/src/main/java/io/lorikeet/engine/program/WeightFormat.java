package io.lorikeet.engine.program;

import io.lorikeet.engine.EngineException;

/** How the numeric program holds the matrices of its products. */
public enum WeightFormat {
    /** As they are: they are trained, read and served. */
    DENSE,
    /** On a processor, as its products read them, which about halves a decode step. They serve, no more. */
    PACKED,
    /** On a processor, in 8 bits with a scale for each row, inputs quantised row by row (W8A8). They serve, no more. */
    INT8;

    /** Refuses a device that has no such products. */
    void check(Device device) {
        boolean possible =
                switch (this) {
                    case DENSE -> true;
                    case PACKED -> !device.isCuda();
                    case INT8 -> !device.isCuda() && ProgramArchive.HAS_ONEDNN;
                };
        if (!possible) {
            throw new EngineException("quantization int8: needs device cpu on an x86-64 processor; found device "
                    + device.torchName() + " on " + System.getProperty("os.arch"));
        }
    }
}
