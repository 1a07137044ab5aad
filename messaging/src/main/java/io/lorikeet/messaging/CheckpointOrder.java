package io.lorikeet.messaging;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which records of the checkpoint topic count. A decision about a canary does if the event that it replaces still stands: so of
 * two gateways that decide at once the first one has, and no decision undoes what came between. All others count. Thread-safe.
 */
public final class CheckpointOrder {
    /** The time of the event that stands under each name; empty for one that is retired. */
    private final Map<String, Optional<Instant>> standing = new HashMap<>();

    /** Takes the next record of the topic in, and says whether it counts. */
    public synchronized boolean counts(CheckpointRecord record) {
        return switch (record) {
            case CheckpointRecord.Retire(var adapter) -> {
                standing.put(adapter, Optional.empty());
                yield true;
            }
            case CheckpointRecord.Serve(var event) -> {
                var before = standing.get(event.adapter());
                // where nothing stands, compaction has taken what it replaces
                boolean counts = event.decision() == null
                        || before == null
                        || before.equals(Optional.of(event.decision().replaces()));
                if (counts) {
                    standing.put(event.adapter(), Optional.of(event.time()));
                }
                yield counts;
            }
        };
    }
}
