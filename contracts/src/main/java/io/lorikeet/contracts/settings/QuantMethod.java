package io.lorikeet.contracts.settings;

/** By whose definition the base's weights are quantised. */
public enum QuantMethod {
    /** bitsandbytes: 4-bit NormalFloat, or 8 bits. */
    BNB,
    /** 8 bits of floating point, e4m3. */
    FP8
}
