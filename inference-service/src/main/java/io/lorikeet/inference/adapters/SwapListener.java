package io.lorikeet.inference.adapters;

import java.time.Duration;

/** Is told what becomes of checkpoints; on the threads that load them. */
public interface SwapListener {
    /**
     * A verified version is being brought to the model.
     *
     * @param waited since its event's arrival
     */
    void loading(String adapter, String version, Duration waited);

    /**
     * A name points at another version.
     *
     * @param took from the event's arrival to the flip
     */
    void swapped(String adapter, String version, Duration took);

    /** A checkpoint was refused; what was served before is served on. */
    void rejected(Rejection rejection);

    /** A name is served no more. */
    void retired(String adapter);
}
