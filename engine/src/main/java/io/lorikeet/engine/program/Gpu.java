package io.lorikeet.engine.program;

/**
 * What a kernel is compiled for.
 *
 * @param major of the compute capability
 * @param minor of it
 * @param multiprocessors that blocks may run on
 * @param sharedMemory bytes that a block may have at most
 */
record Gpu(int major, int minor, int multiprocessors, int sharedMemory) {
    /** The compiler's name for its machine code. */
    String architecture() {
        return "sm_" + major + minor;
    }

    /** Whether a kernel may begin while the one before it still runs. */
    boolean launchesEarly() {
        return major >= 9;
    }
}
