package io.lorikeet.engine.sharing;

import java.util.Optional;

/**
 * Memory for a base's frozen weights of which a host has one copy, in pieces. Whoever comes first fills them; the others find them
 * filled. All ask for the same pieces in the same order. Belongs to the thread that opens it.
 */
public interface Chunks extends AutoCloseable {
    /** What the process that filled them wrote down; empty: they are to be filled here, and others wait until they are. */
    Optional<byte[]> record();

    /**
     * The address of a piece, filled or to be filled.
     *
     * @param bytes its size
     */
    long piece(String name, long bytes);

    /** Copies bytes to or from a piece, within the memory that pieces are of. */
    void copy(long from, long to, long bytes);

    /** Everything is filled, nothing will change any more: others may have it. */
    void publish(byte[] record);

    /** Gives the pieces up, and what was not published. Nothing may look at them any more. */
    @Override
    void close();
}
