package io.lorikeet.inference.adapters;

import io.lorikeet.store.StoreException;
import java.util.Locale;

/**
 * Why a checkpoint is not served, as far as this service decides it; the engine's reasons are those of {@link
 * io.lorikeet.engine.adapter.AdapterException.Reason}. Labels of {@code lorikeet_adapter_rejections_total}, so few and
 * fixed.
 */
public enum RejectionReason {
    /** The record is no checkpoint event, or its key is not the adapter it speaks of. */
    MALFORMED_EVENT,
    /** The adapter cannot carry this name, because the base model has it. */
    NAME_TAKEN,
    /** The files are not in the adapter store: another kind of URI, or one that leads out of it. */
    URI_REFUSED,
    /** A file was not there, and did not come in time. */
    FILE_MISSING,
    /** A file is there and cannot be read. */
    FILE_UNREADABLE,
    /** A file is larger than this replica allows. */
    FILE_TOO_LARGE,
    /** A file has another size than the event says. */
    SIZE_MISMATCH,
    /** A file has another SHA-256 than the event says. */
    CHECKSUM_MISMATCH,
    /** The store has no such bucket, or does not let this replica read. */
    STORE_DENIED,
    /** The store did not answer until something newer came. */
    STORE_AWAY,
    /** The adapter was trained on another base model. */
    WRONG_BASE,
    /** A version that was served before came again with other contents. */
    VERSION_CHANGED,
    /** The event describes another adapter than its files hold. */
    CONFIG_MISMATCH,
    /** The engine failed while it took the adapter in. */
    ENGINE_FAILED;

    /** The word of the metric's label and of {@code GET /adapters}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the same event can be fine a moment later: the store that holds the files may lag behind the event. */
    boolean mayPass() {
        return switch (this) {
            case FILE_MISSING, STORE_DENIED, STORE_AWAY -> true;
            case MALFORMED_EVENT,
                    NAME_TAKEN,
                    URI_REFUSED,
                    FILE_UNREADABLE,
                    FILE_TOO_LARGE,
                    SIZE_MISMATCH,
                    CHECKSUM_MISMATCH,
                    WRONG_BASE,
                    VERSION_CHANGED,
                    CONFIG_MISMATCH,
                    ENGINE_FAILED -> false;
        };
    }

    static RejectionReason of(StoreException.Kind kind) {
        return switch (kind) {
            case OUTSIDE -> URI_REFUSED;
            case MISSING -> FILE_MISSING;
            case UNREADABLE -> FILE_UNREADABLE;
            case SIZE_MISMATCH -> SIZE_MISMATCH;
            case CHECKSUM_MISMATCH -> CHECKSUM_MISMATCH;
            case DENIED -> STORE_DENIED;
            case AWAY -> STORE_AWAY;
        };
    }
}
