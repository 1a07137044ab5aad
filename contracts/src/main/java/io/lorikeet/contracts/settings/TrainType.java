package io.lorikeet.contracts.settings;

/** What is trained. */
public enum TrainType {
    LORA,
    FULL
}
