package io.lorikeet.contracts.settings;

/** What codes of 4 bits stand for. */
public enum Bnb4bitQuantType {
    /** The quantiles of a normal distribution. */
    NF4
}
