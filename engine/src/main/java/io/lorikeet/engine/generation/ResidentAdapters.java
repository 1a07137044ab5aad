package io.lorikeet.engine.generation;

import io.lorikeet.engine.generation.AdapterStatus.State;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The adapter slots of the device, and the version in each. When they run short, the least recently used version gives its
 * slot up, and stays in host memory: never one in use, and never one that has come for requests none of which has begun yet,
 * since two such would take each other's slot for ever (docs/adr/0008). Guarded by its {@link AdapterTable}.
 */
final class ResidentAdapters {
    private final ServedVersion[] slots;
    private long evictions;

    ResidentAdapters(int count) {
        this.slots = new ServedVersion[count];
    }

    /**
     * Gives a version a slot, if one is free or can be made so. A new version first waits for those that drain: as long as
     * no more names are served than there are slots less one, a swap takes no slot away from a name.
     */
    boolean claim(ServedVersion version) {
        for (int slot = 0; slot < slots.length && !version.hasSlot(); slot++) {
            if (slots[slot] == null) {
                give(slot, version);
            }
        }
        boolean waits = version.state() == State.LOADING && present().anyMatch(v -> v.state() == State.DRAINING);
        if (!version.hasSlot() && !waits) {
            evictFor(version);
        }
        return version.hasSlot();
    }

    private void evictFor(ServedVersion version) {
        Optional<ServedVersion> evicted = leastRecentlyUsed(v -> v.isEvictable() && v.held() == 0)
                .or(() -> leastRecentlyUsed(ServedVersion::isEvictable));
        if (evicted.isPresent()) {
            int slot = evicted.get().slot();
            evicted.get().giveUpSlot();
            evictions++;
            give(slot, version);
        } else if (present().noneMatch(ServedVersion::isLeaving)) {
            leastRecentlyUsed(v -> v.running() > 0).ifPresent(ServedVersion::leave);
        }
    }

    private void give(int slot, ServedVersion version) {
        slots[slot] = version;
        version.take(slot);
    }

    private Optional<ServedVersion> leastRecentlyUsed(Predicate<ServedVersion> wanted) {
        return present().filter(wanted).min(Comparator.comparingLong(ServedVersion::lastUsed));
    }

    private Stream<ServedVersion> present() {
        return Arrays.stream(slots).filter(Objects::nonNull);
    }

    void free(ServedVersion version) {
        slots[version.slot()] = null;
        version.giveUpSlot();
    }

    /** Takes back that a version has to give its slot up; who still needs one asks again. */
    void nobodyLeaves() {
        present().forEach(ServedVersion::stay);
    }

    /** How often a version has given its slot up for another. */
    long evictions() {
        return evictions;
    }
}
