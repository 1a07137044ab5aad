package io.lorikeet.engine.generation;

/** Why an answer ended. */
public enum FinishReason {
    /** A stop token or a stop string. */
    STOP,
    /** The limit of new tokens, or of the model. */
    LENGTH,
    /** Whoever asked went away. */
    CANCELLED
}
