package io.lorikeet.contracts;

/** Whether a trained adapter goes on {@link Topics#CHECKPOINTS}. */
public enum Promote {
    /** If every acceptance question passed. */
    IF_ACCEPTED,
    /** Whatever the acceptance questions said. */
    ALWAYS,
    /** Train and report only. */
    NEVER
}
