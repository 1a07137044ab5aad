package io.lorikeet.engine.generation;

/** A submitted request. */
public interface GenerationHandle {
    /** Ends the answer at the next step and frees its slot; the listener hears {@code finished} with CANCELLED. */
    void cancel();
}
