package io.lorikeet.gateway.training;

import io.lorikeet.gateway.training.Places.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Where the events of those jobs stand that are not kept, in a budget of memory; of the oldest not even that is known. Whoever
 * has it guards it.
 */
final class FallenJobs {
    /** Of an entry, beside the id. */
    private static final long ENTRY_BYTES = 200;

    private final SequencedMap<String, List<Run>> extents = new LinkedHashMap<>();
    private final long budget;
    private long weight;
    private long forgotten;

    FallenJobs(long budget) {
        this.budget = budget;
    }

    /** Keeps where a job's events stand; the oldest may be forgotten for it. */
    void keep(String id, List<Run> extent) {
        if (extents.putLast(id, extent) == null) {
            weight += weight(id);
        }
        while (weight > budget) {
            remove(extents.firstEntry().getKey());
            forgotten++;
        }
    }

    /** It is kept again. */
    void remove(String id) {
        extents.remove(id);
        weight -= weight(id);
    }

    /** Empty if it has not fallen out, or is forgotten. */
    Optional<List<Run>> extent(String id) {
        return Optional.ofNullable(extents.get(id));
    }

    /** All of them, in the order in which they fell out. */
    Map<String, List<Run>> all() {
        return new LinkedHashMap<>(extents);
    }

    int size() {
        return extents.size();
    }

    /** Jobs of which nothing is known any more. */
    long forgotten() {
        return forgotten;
    }

    /** So many were forgotten by an earlier process. */
    void forgotten(long before) {
        forgotten = before;
    }

    void clear() {
        extents.clear();
        weight = 0;
        forgotten = 0;
    }

    private static long weight(String id) {
        return ENTRY_BYTES + id.length();
    }
}
