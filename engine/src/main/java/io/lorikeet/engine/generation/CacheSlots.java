package io.lorikeet.engine.generation;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** The slots of the key/value cache, and the sequence that runs in each. */
final class CacheSlots {
    private final Sequence[] slots;
    private final int maxModelLen;

    /**
     * @param count sequences that run at once
     * @param maxModelLen positions of each slot
     */
    CacheSlots(int count, int maxModelLen) {
        this.slots = new Sequence[count];
        this.maxModelLen = maxModelLen;
    }

    boolean hasFree() {
        return free().isPresent();
    }

    private OptionalInt free() {
        return IntStream.range(0, slots.length).filter(s -> slots[s] == null).findFirst();
    }

    /** Gives a sequence the first free slot, which it keeps until it ends. */
    void allocate(Sequence sequence) {
        int slot = free().orElseThrow(() -> new IllegalStateException("no free cache slot of " + slots.length));
        slots[slot] = sequence;
        sequence.runIn(slot);
    }

    void free(Sequence sequence) {
        slots[sequence.slot()] = null;
    }

    /** Those that run, in the order of their slots. */
    List<Sequence> running() {
        return Arrays.stream(slots).filter(Objects::nonNull).toList();
    }

    /** Occupied part of the cache's positions, 0 to 1. */
    double usage() {
        long cached = running().stream().mapToLong(Sequence::cached).sum();
        return (double) cached / ((long) slots.length * maxModelLen);
    }
}
