package io.lorikeet.engine.generation;

import io.lorikeet.engine.generation.AdapterStatus.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The adapter slots of the device, the version in each, and its rank rows. When either run short, the least recently used
 * versions give theirs up, and stay in host memory: never one in use, and never one that has come for requests none of which has
 * begun yet, since two such would take each other's slot for ever (docs/adr/0008). Guarded by its {@link AdapterTable}.
 */
final class ResidentAdapters {
    private final ServedVersion[] slots;
    private final RankRowPool rankRows;
    private long evictions;

    ResidentAdapters(int count, int rankRows) {
        this.slots = new ServedVersion[count];
        this.rankRows = new RankRowPool(rankRows);
    }

    /**
     * Gives a version a slot and rank rows, if they are free or can be made so. A new version first waits for those that drain:
     * as long as no more names are served than there is room for less one, a swap takes no slot away from a name.
     */
    boolean claim(ServedVersion version) {
        if (!fits(version) && !waitsForDraining(version)) {
            makeRoom(version);
        }
        if (fits(version)) {
            int slot = Arrays.asList(slots).indexOf(null);
            slots[slot] = version;
            version.take(slot, rankRows.take(version.rank()));
        }
        return version.hasSlot();
    }

    /** Whether a version that has no room yet takes it from nobody. */
    boolean waitsForDraining(ServedVersion version) {
        return version.state() == State.LOADING && present().anyMatch(v -> v.state() == State.DRAINING);
    }

    private boolean fits(ServedVersion version) {
        return fitsBeside(version, List.of());
    }

    /** Whether it would fit if these were gone. */
    private boolean fitsBeside(ServedVersion version, List<ServedVersion> gone) {
        int rows = rankRows.available()
                + gone.stream().mapToInt(ServedVersion::rank).sum();
        return slots.length - present().count() + gone.size() > 0 && rows >= version.rank();
    }

    /** Evicts who is idle, if that makes room; else those in use have to leave. */
    private void makeRoom(ServedVersion version) {
        List<ServedVersion> idle = present()
                .filter(ServedVersion::isEvictable)
                .sorted(Comparator.<ServedVersion>comparingInt(v -> v.held() == 0 ? 0 : 1)
                        .thenComparingLong(ServedVersion::lastUsed))
                .toList();
        if (fitsBeside(version, idle)) {
            for (int i = 0; !fits(version); i++) {
                free(idle.get(i));
                evictions++;
            }
            return;
        }
        List<ServedVersion> leaving = new ArrayList<>(idle);
        present().filter(v -> v.isLeaving() && !idle.contains(v)).forEach(leaving::add);
        Iterator<ServedVersion> running = present()
                .filter(v -> v.running() > 0 && !v.isLeaving())
                .sorted(Comparator.comparingLong(ServedVersion::lastUsed))
                .iterator();
        while (!fitsBeside(version, leaving) && running.hasNext()) {
            ServedVersion next = running.next();
            next.leave();
            leaving.add(next);
        }
    }

    private Stream<ServedVersion> present() {
        return Arrays.stream(slots).filter(Objects::nonNull);
    }

    void free(ServedVersion version) {
        slots[version.place().slot()] = null;
        rankRows.give(version.place().runs());
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
