package io.lorikeet.contracts.settings;

/** When something recurs. */
public enum IntervalStrategy {
    NO,
    STEPS,
    EPOCH
}
