package io.lorikeet.inference.adapters;

import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.store.StoreException;

/** A checkpoint that must not be served; the message says what was found and what was expected. */
public final class AdapterRejectedException extends RuntimeException {
    private final String reason;
    private final boolean mayPass;
    private final boolean storeAway;

    AdapterRejectedException(RejectionReason reason, String message) {
        this(reason, message, null);
    }

    AdapterRejectedException(RejectionReason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason.label();
        this.mayPass = reason.mayPass();
        this.storeAway = reason == RejectionReason.STORE_AWAY;
    }

    /** The store's refusal. */
    AdapterRejectedException(StoreException refusal) {
        this(RejectionReason.of(refusal.kind()), refusal.getMessage(), refusal);
    }

    /** The engine's refusal; a slot may get free, when the last request of a version that drains has ended. */
    AdapterRejectedException(AdapterException refusal) {
        super(refusal.getMessage(), refusal);
        this.reason = refusal.reason();
        this.mayPass = refusal.kind() == AdapterException.Reason.TOO_MANY_ADAPTERS;
        this.storeAway = false;
    }

    /** Few and fixed words: a metric's label. */
    public String reason() {
        return reason;
    }

    /** Whether the same event can be fine a moment later. */
    boolean mayPass() {
        return mayPass;
    }

    /** Whether nothing is known of the checkpoint yet, because the store does not answer. */
    boolean storeAway() {
        return storeAway;
    }
}
