package io.lorikeet.engine.generation;

/** Hears of the engine's steps, on its thread: return at once. */
public interface StepListener {
    /** Who does not care. */
    StepListener NONE = (_, _) -> {};

    /**
     * One decode step is done.
     *
     * @param sequences that got a token
     */
    void decoded(int sequences, long nanos);
}
