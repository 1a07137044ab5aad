package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.generation.AdapterStatus.State;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which adapter versions there are, which of them a name points at, and which have a slot on the device. A request holds
 * the version that it began with until it ends; a version that nothing points at and nobody holds is forgotten, its slot
 * free. When slots run short, the version used longest ago gives its slot up, and stays in host memory; one in use never
 * does. Thread-safe.
 */
final class AdapterTable {
    private final ServedVersion[] slots;
    private final int maxNames;
    private final Set<ServedVersion> versions = new LinkedHashSet<>();
    private final Map<String, ServedVersion> serving = new LinkedHashMap<>();
    private long ids;
    private long ticks;
    private long evictions;

    /**
     * @param slotCount slots on the device
     * @param maxNames names served at once, on the device or in host memory
     */
    AdapterTable(int slotCount, int maxNames) {
        this.slots = new ServedVersion[slotCount];
        this.maxNames = maxNames;
    }

    /** Takes a version in that is about to be loaded. */
    synchronized ServedVersion register(AdapterVersion version, PeftAdapter weights, Optional<String> system) {
        Set<String> names = versions.stream()
                .filter(v -> v.state() != State.DRAINING)
                .map(v -> v.version().name())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!names.contains(version.name()) && names.size() >= maxNames) {
            throw new AdapterException(
                    AdapterException.Reason.TOO_MANY_ADAPTERS,
                    "as many adapters are served as may, " + maxNames + " " + names
                            + "; retire one or raise max_cpu_loras");
        }
        var registered = new ServedVersion(++ids, version, weights, system);
        versions.add(registered);
        return registered;
    }

    /**
     * Finds a slot for a version, if need be that of an idle one. A new version first waits for those that drain: as long as
     * no more names are served than there are slots less one, a swap takes no slot away from a name.
     *
     * @return whether the version has a slot now; if not, one will get free
     */
    synchronized boolean claimSlot(ServedVersion version) {
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
        Optional<ServedVersion> idle =
                leastRecentlyUsed(v -> v.isIdle() && v.held() == 0).or(() -> leastRecentlyUsed(ServedVersion::isIdle));
        if (idle.isPresent()) {
            int slot = idle.get().slot();
            idle.get().giveUpSlot();
            evictions++;
            give(slot, version);
        } else if (present().noneMatch(ServedVersion::isLeaving)) {
            leastRecentlyUsed(ServedVersion::isLoaded).ifPresent(ServedVersion::leave);
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

    /** Its slot holds all of the version now. */
    synchronized void loaded(ServedVersion version) {
        version.filled(++ticks);
        forgetIfOver(version);
    }

    /** Points the version's name at it; the version that it replaces drains. */
    synchronized void flip(ServedVersion loaded) {
        loaded.moveTo(State.SERVING);
        ServedVersion replaced = serving.put(loaded.version().name(), loaded);
        if (replaced != null) {
            drain(replaced);
        }
    }

    /** Gives up on a version that could not be loaded; what waits for it fails. */
    synchronized void abandon(ServedVersion version) {
        version.fail();
        if (version.hasSlot()) {
            slots[version.slot()] = null;
            version.giveUpSlot();
        }
        serving.remove(version.version().name(), version);
        drain(version);
    }

    synchronized void retire(String name) {
        ServedVersion retired = serving.remove(name);
        if (retired != null) {
            drain(retired);
        }
    }

    /** Holds the version that the name points at now, for {@code requests} requests. */
    synchronized ServedVersion acquire(String name, int requests) {
        ServedVersion version = serving.get(name);
        if (version == null) {
            throw new RequestException(
                    RequestException.Kind.UNKNOWN_ADAPTER,
                    "adapter '" + name + "' is not served; served are " + serving.keySet());
        }
        for (int r = 0; r < requests; r++) {
            version.hold();
        }
        return version;
    }

    /** Whether a request of the version can run now; if so, it does from here on. */
    synchronized boolean begin(ServedVersion version) {
        if (version.hasFailed()) {
            throw new EngineException("adapter " + version.version() + " could not be loaded");
        }
        boolean ready = version.isLoaded() && !version.isLeaving();
        if (ready) {
            version.begin(++ticks);
        }
        return ready;
    }

    synchronized void end(ServedVersion version) {
        version.end();
    }

    synchronized void release(ServedVersion version) {
        version.letGo();
        forgetIfOver(version);
    }

    /** Whether the version is of no more use to anybody. */
    synchronized boolean isOver(ServedVersion version) {
        return version.isOver();
    }

    /** Takes back that a version has to give its slot up; who still needs one asks again. */
    synchronized void nobodyLeaves() {
        present().forEach(ServedVersion::stay);
    }

    synchronized List<AdapterStatus> statuses() {
        return versions.stream().map(ServedVersion::status).toList();
    }

    /** How often a version has given its slot up for another. */
    synchronized long evictions() {
        return evictions;
    }

    private void drain(ServedVersion version) {
        version.moveTo(State.DRAINING);
        forgetIfOver(version);
    }

    private void forgetIfOver(ServedVersion version) {
        if (version.isOver()) {
            if (version.hasSlot()) {
                slots[version.slot()] = null;
                version.giveUpSlot();
            }
            versions.remove(version);
        }
    }
}
