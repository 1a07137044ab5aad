package io.lorikeet.engine.generation;

/**
 * An adapter version that lives in the engine.
 *
 * @param running requests that use it
 * @param bytes of its slot on the device
 */
public record AdapterStatus(String name, String version, State state, int running, long bytes, int r) {
    /** How far a version has come. */
    public enum State {
        /** Its tensors are being copied to the device. */
        LOADING,
        /** The name points at it. */
        SERVING,
        /** Replaced or retired; requests that began with it still run. */
        DRAINING
    }
}
