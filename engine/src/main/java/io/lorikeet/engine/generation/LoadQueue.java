package io.lorikeet.engine.generation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which adapter version comes to the device next: one at a time, in the order in which they were asked for. A new one that waits
 * for those that drain lets others pass; one that waits for room does not, lest smaller ones take it again and again. One that has not lost its slot after all is forgotten. Belongs to the engine's thread.
 */
final class LoadQueue {
    private final AdapterTable adapters;
    private final Deque<ServedVersion> waiting = new ArrayDeque<>();
    /** Those that wait, and the one under way. */
    private final Set<ServedVersion> wanted = new HashSet<>();

    private Optional<ServedVersion> current = Optional.empty();

    LoadQueue(AdapterTable adapters) {
        this.adapters = adapters;
    }

    /** Asks for a version; once or often. */
    void want(ServedVersion version) {
        if (wanted.add(version)) {
            waiting.add(version);
        }
    }

    /** The version under way. */
    Optional<ServedVersion> current() {
        return current;
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    /** Whether a version is under way or waits for a slot. */
    boolean isActive() {
        return !wanted.isEmpty();
    }

    /** Gives the first version that can have a slot its slot; it is under way from here on. Only while none is. */
    Optional<ServedVersion> next() {
        adapters.nobodyLeaves();
        for (Iterator<ServedVersion> queue = waiting.iterator(); queue.hasNext() && current.isEmpty(); ) {
            ServedVersion version = queue.next();
            if (!adapters.needsLoad(version)) {
                queue.remove();
                wanted.remove(version);
            } else if (adapters.claimSlot(version)) {
                queue.remove();
                current = Optional.of(version);
            } else if (!adapters.letsOthersPass(version)) {
                break;
            }
        }
        return current;
    }

    /** The version under way is on the device. */
    void loaded() {
        adapters.loaded(endCurrent());
    }

    /** The version under way cannot be loaded. */
    void failed() {
        adapters.abandon(endCurrent());
    }

    private ServedVersion endCurrent() {
        ServedVersion version = current.orElseThrow();
        current = Optional.empty();
        wanted.remove(version);
        return version;
    }

    /** Gives up on all; returns them. */
    List<ServedVersion> failAll() {
        List<ServedVersion> all = new ArrayList<>(waiting);
        current.ifPresent(all::addFirst);
        all.forEach(adapters::abandon);
        current = Optional.empty();
        waiting.clear();
        wanted.clear();
        return all;
    }
}
