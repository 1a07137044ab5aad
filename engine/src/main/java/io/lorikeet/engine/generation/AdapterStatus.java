package io.lorikeet.engine.generation;

/**
 * An adapter version that lives in the engine.
 *
 * @param running requests that are being answered with it
 * @param waiting requests that will be
 * @param bytes of its matrices
 * @param resident whether it is on the device; if not, it is in host memory and comes back with the next request for it
 */
public record AdapterStatus(
        String name, String version, State state, int running, int waiting, long bytes, int r, boolean resident) {
    /** How far a version has come. */
    public enum State {
        /** Its tensors are being copied to the device. */
        LOADING,
        /** The name points at it. */
        SERVING,
        /** The name points at another; requests that name the version get it. */
        ADDRESSED,
        /** Replaced or retired; requests that began with it still run. */
        DRAINING
    }
}
