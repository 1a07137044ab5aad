package io.lorikeet.store;

/** A checkpoint could not be kept, or a file not fetched; the message says what, where, and why. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    public enum Kind {
        /** The checkpoint is not in this store. */
        OUTSIDE,
        /** Not there, or not yet. */
        MISSING,
        /** There, and cannot be read or written. */
        UNREADABLE,
        /** Another number of bytes than expected. */
        SIZE_MISMATCH,
        /** Other bytes than expected. */
        CHECKSUM_MISMATCH,
        /** The store has answered, and has no such bucket, or does not let us. */
        DENIED,
        /** The store does not answer, or has trouble of its own. */
        AWAY
    }

    private final Kind kind;

    StoreException(Kind kind, String message) {
        this(kind, message, null);
    }

    StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
