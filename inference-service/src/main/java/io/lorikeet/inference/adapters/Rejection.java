package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import java.time.Instant;

/**
 * The last checkpoint of an adapter that was refused, until a newer event of the same name settles.
 *
 * @param version null if the event did not even name one
 * @param reason few and fixed words: a metric's label
 */
public record Rejection(String adapter, String version, String reason, String detail, Instant time) {
    /** It is refused now. */
    static Rejection of(CheckpointEvent event, AdapterRejectedException refused) {
        return new Rejection(event.adapter(), event.version(), refused.reason(), refused.getMessage(), Instant.now());
    }
}
