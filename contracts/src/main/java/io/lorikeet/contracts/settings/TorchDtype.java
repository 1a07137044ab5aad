package io.lorikeet.contracts.settings;

/** Number format of the base model while it trains. */
public enum TorchDtype {
    FLOAT32,
    BFLOAT16
}
