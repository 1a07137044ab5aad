package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.generation.AdapterStatus.State;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which adapter versions there are, which of them a name points at, and which have a slot on the device
 * ({@link ResidentAdapters}). A request holds the version that it began with until it ends; a version that nothing points at
 * and nobody holds is forgotten, its slot free. Thread-safe.
 */
final class AdapterTable {
    private final ResidentAdapters residents;
    private final int maxNames;
    private final Set<ServedVersion> versions = new LinkedHashSet<>();
    private final Map<String, ServedVersion> serving = new LinkedHashMap<>();
    /** Versions that requests name, whatever their names point at. */
    private final Map<AdapterVersion, ServedVersion> addressed = new LinkedHashMap<>();

    /** By name the version that stays addressed whatever else comes. */
    private final Map<String, AdapterVersion> kept = new LinkedHashMap<>();

    private final int maxAddressed;
    private long ids;
    private long ticks;

    /**
     * @param slotCount slots on the device
     * @param rankRows ranks of all adapters there together
     * @param maxNames names served at once, on the device or in host memory
     * @param maxAddressed versions beside them that requests name
     */
    AdapterTable(int slotCount, int rankRows, int maxNames, int maxAddressed) {
        this.residents = new ResidentAdapters(slotCount, rankRows);
        this.maxNames = maxNames;
        this.maxAddressed = maxAddressed;
    }

    /** Takes a version in that is about to be loaded. */
    ServedVersion register(AdapterVersion version, PeftAdapter weights, Optional<String> system) {
        return register(version, weights, system, List.of());
    }

    /** The same with conversations that its answers may be like, as tokens. */
    synchronized ServedVersion register(
            AdapterVersion version, PeftAdapter weights, Optional<String> system, List<int[]> examples) {
        Set<String> names = versions.stream()
                .filter(v -> v.state() == State.LOADING || v.state() == State.SERVING)
                .map(v -> v.version().name())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!names.contains(version.name()) && names.size() >= maxNames) {
            throw new AdapterException(
                    AdapterException.Reason.TOO_MANY_ADAPTERS,
                    "as many adapters are served as may, " + maxNames + " " + names
                            + "; retire one or raise max_cpu_loras");
        }
        var registered = new ServedVersion(++ids, version, weights, system, examples);
        versions.add(registered);
        return registered;
    }

    /**
     * Takes a version in that requests may name from now on, whatever its name points at; in host memory, until one of them
     * needs it on the device. The least recently used one that nobody holds makes room for it.
     */
    synchronized void address(
            AdapterVersion version, PeftAdapter weights, Optional<String> system, List<int[]> examples) {
        if (find(version).isPresent()) {
            return;
        }
        long others = addressed.keySet().stream().filter(v -> !isKept(v)).count();
        if (!isKept(version) && others >= maxAddressed) {
            ServedVersion idle = addressed.values().stream()
                    .filter(v -> v.held() == 0 && !isKept(v.version()))
                    .min(Comparator.comparingLong(ServedVersion::lastUsed))
                    .orElseThrow(() -> new AdapterException(
                            AdapterException.Reason.TOO_MANY_ADAPTERS,
                            "as many versions beside those served as may, " + maxAddressed
                                    + ", are in use; try again or raise max_addressed"));
            addressed.remove(idle.version());
            drain(idle);
        }
        var taken = new ServedVersion(++ids, version, weights, system, examples);
        taken.moveTo(State.ADDRESSED);
        taken.use(++ticks);
        versions.add(taken);
        addressed.put(version, taken);
    }

    /** Keeps one version of a name addressed, once it is, beside those that there is room for; empty: none any more. */
    synchronized void keep(String name, Optional<AdapterVersion> version) {
        version.ifPresentOrElse(one -> kept.put(name, one), () -> kept.remove(name));
    }

    private boolean isKept(AdapterVersion version) {
        return version.equals(kept.get(version.name()));
    }

    /** Whether requests that name the version get it. */
    synchronized boolean holds(AdapterVersion version) {
        return find(version).isPresent();
    }

    private Optional<ServedVersion> find(AdapterVersion version) {
        return Optional.ofNullable(serving.get(version.name()))
                .filter(served -> served.version().equals(version))
                .or(() -> Optional.ofNullable(addressed.get(version)));
    }

    /**
     * Finds a slot for a version, if need be that of an idle one; see {@link ResidentAdapters#claim}.
     *
     * @return whether the version has a slot now; if not, one will get free
     */
    synchronized boolean claimSlot(ServedVersion version) {
        return residents.claim(version);
    }

    /** Whether a version that has got no slot lets others pass, because it waits for those that drain. */
    synchronized boolean letsOthersPass(ServedVersion version) {
        return residents.waitsForDraining(version);
    }

    /** Its slot holds all of the version now. */
    synchronized void loaded(ServedVersion version) {
        version.filled(++ticks);
        forgetIfOver(version);
    }

    /** Points the version's name at it; the version that it replaces drains. */
    synchronized void flip(ServedVersion loaded) {
        loaded.moveTo(State.SERVING);
        ServedVersion same = addressed.remove(loaded.version());
        if (same != null) {
            drain(same);
        }
        ServedVersion replaced = serving.put(loaded.version().name(), loaded);
        if (replaced != null) {
            drain(replaced);
        }
    }

    /** Gives up on a version that could not be loaded; what waits for it fails. */
    synchronized void abandon(ServedVersion version) {
        version.fail();
        if (version.hasSlot()) {
            residents.free(version);
        }
        serving.remove(version.version().name(), version);
        addressed.remove(version.version(), version);
        drain(version);
    }

    /** Nothing stands behind the name any more, nor is any of its versions kept for those who name it. */
    synchronized void retire(String name) {
        kept.remove(name);
        ServedVersion retired = serving.remove(name);
        if (retired != null) {
            drain(retired);
        }
        List<ServedVersion> kept = addressed.values().stream()
                .filter(v -> v.version().name().equals(name))
                .toList();
        for (ServedVersion version : kept) {
            addressed.remove(version.version());
            drain(version);
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
        return hold(version, requests);
    }

    /** Holds the version itself, for {@code requests} requests. */
    synchronized ServedVersion acquire(AdapterVersion version, int requests) {
        ServedVersion found = find(version)
                .orElseThrow(() -> new RequestException(
                        RequestException.Kind.VERSION_NOT_LOADED,
                        "version " + version.version() + " of adapter '" + version.name() + "' is not loaded"));
        found.use(++ticks);
        return hold(found, requests);
    }

    private static ServedVersion hold(ServedVersion version, int requests) {
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

    /** Whether the version is of use to anybody, and not on the device. */
    synchronized boolean needsLoad(ServedVersion version) {
        return !version.isOver() && !version.isLoaded();
    }

    /** Takes back that a version has to give its slot up; who still needs one asks again. */
    synchronized void nobodyLeaves() {
        residents.nobodyLeaves();
    }

    synchronized List<AdapterStatus> statuses() {
        return versions.stream().map(ServedVersion::status).toList();
    }

    /** How often a version has given its slot up for another. */
    synchronized long evictions() {
        return residents.evictions();
    }

    private void drain(ServedVersion version) {
        version.moveTo(State.DRAINING);
        forgetIfOver(version);
    }

    private void forgetIfOver(ServedVersion version) {
        if (version.isOver()) {
            if (version.hasSlot()) {
                residents.free(version);
            }
            versions.remove(version);
        }
    }
}
