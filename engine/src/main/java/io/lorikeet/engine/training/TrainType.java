package io.lorikeet.engine.training;

/** Which parameters train. */
public enum TrainType {
    /** A and B of an adapter; the base model stays as it is. */
    LORA,
    /** Every weight. */
    FULL
}
