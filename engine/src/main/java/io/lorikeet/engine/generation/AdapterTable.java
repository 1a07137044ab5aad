package io.lorikeet.engine.generation;

import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.generation.AdapterStatus.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which adapter versions live in which slots, and which version a name points at. A request holds the version that it
 * began with until it ends; a version that nothing points at and nobody holds gives its slot back. Thread-safe.
 */
final class AdapterTable {
    private final ResidentAdapter[] slots;
    private final Map<String, ResidentAdapter> serving = new LinkedHashMap<>();

    AdapterTable(int slotCount) {
        slots = new ResidentAdapter[slotCount];
    }

    /** Takes a free slot for a version that is about to be loaded. */
    synchronized ResidentAdapter reserve(AdapterVersion version, PeftAdapter adapter, Optional<String> system) {
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] == null) {
                slots[slot] = new ResidentAdapter(version, adapter, system, slot);
                return slots[slot];
            }
        }
        throw new AdapterException(
                AdapterException.Reason.NO_FREE_SLOT,
                "all " + slots.length + " adapter slots are in use (" + names()
                        + "); retire an adapter or raise max_loras");
    }

    /** Points the version's name at it; the version that it replaces drains. */
    synchronized void flip(ResidentAdapter loaded) {
        loaded.moveTo(State.SERVING);
        ResidentAdapter replaced = serving.put(loaded.version().name(), loaded);
        if (replaced != null) {
            drain(replaced);
        }
    }

    /** Gives back the slot of a version that could not be loaded. */
    synchronized void abandon(ResidentAdapter loading) {
        drain(loading);
    }

    synchronized void retire(String name) {
        ResidentAdapter retired = serving.remove(name);
        if (retired != null) {
            drain(retired);
        }
    }

    /** Holds the version that the name points at now, for one request. */
    synchronized ResidentAdapter acquire(String name) {
        ResidentAdapter adapter = serving.get(name);
        if (adapter == null) {
            throw new RequestException(
                    RequestException.Kind.UNKNOWN_ADAPTER,
                    "adapter '" + name + "' is not served; served are " + serving.keySet());
        }
        adapter.begin();
        return adapter;
    }

    synchronized void release(ResidentAdapter adapter) {
        adapter.end();
        freeIfUnused(adapter);
    }

    synchronized boolean isServed(AdapterVersion version) {
        ResidentAdapter adapter = serving.get(version.name());
        return adapter != null && adapter.version().equals(version);
    }

    synchronized List<AdapterStatus> statuses() {
        List<AdapterStatus> statuses = new ArrayList<>();
        for (ResidentAdapter adapter : slots) {
            if (adapter != null) {
                statuses.add(adapter.status());
            }
        }
        return statuses;
    }

    private void drain(ResidentAdapter adapter) {
        adapter.moveTo(State.DRAINING);
        freeIfUnused(adapter);
    }

    private void freeIfUnused(ResidentAdapter adapter) {
        if (adapter.isFree()) {
            slots[adapter.slot()] = null;
        }
    }

    private List<String> names() {
        return statuses().stream().map(s -> s.name() + "@" + s.version()).toList();
    }
}
