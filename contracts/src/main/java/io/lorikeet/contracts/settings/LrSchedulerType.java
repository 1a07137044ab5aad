package io.lorikeet.contracts.settings;

/** Shape of the learning rate over the steps, by transformers' names. */
public enum LrSchedulerType {
    COSINE,
    LINEAR,
    /** Without warmup, whatever the warmup settings say, as in transformers. */
    CONSTANT,
    CONSTANT_WITH_WARMUP
}
