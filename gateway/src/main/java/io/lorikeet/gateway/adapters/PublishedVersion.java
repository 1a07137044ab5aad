package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import java.time.Instant;

/**
 * A version whose checkpoint has been published, and could be served.
 *
 * @param promoted whether it has ever been served
 * @param since when it was made, as far as is known: a checkpoint that is served again has a later time
 */
public record PublishedVersion(CheckpointEvent checkpoint, boolean promoted, Instant since) {
    /** Files of an earlier state have no {@code since}. */
    public PublishedVersion {
        since = since == null ? checkpoint.time() : since;
    }

    PublishedVersion(CheckpointEvent checkpoint, boolean promoted) {
        this(checkpoint, promoted, null);
    }

    /** What is known after the same version was heard of again: trained again after its files were lost, it lies in another place. */
    PublishedVersion and(PublishedVersion later) {
        return new PublishedVersion(
                later.checkpoint.time().isBefore(checkpoint.time()) ? checkpoint : later.checkpoint,
                promoted || later.promoted,
                later.since.isBefore(since) ? later.since : since);
    }
}
