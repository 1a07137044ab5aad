package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.TrainingEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which adapters are served, and which versions there are: the checkpoint topic and the jobs' results. */
@ApplicationScoped
public class AdapterCatalog {
    private static final class Entry {
        private CheckpointEvent served;
        /** By version, in the order in which they were first heard of. */
        private final Map<String, PublishedVersion> versions = new LinkedHashMap<>();
    }

    private final Map<String, Entry> adapters = new TreeMap<>();

    /** Takes the result of a job. */
    public synchronized void trained(TrainingEvent.Succeeded job) {
        var checkpoint = job.checkpoint();
        if (checkpoint != null) {
            know(checkpoint, job.promoted());
        }
    }

    /** Takes what is served from now on. */
    public synchronized void served(CheckpointEvent checkpoint) {
        know(checkpoint, true).served = checkpoint;
    }

    /** Takes a tombstone. */
    public synchronized void retired(String adapter) {
        var entry = adapters.get(adapter);
        if (entry != null) {
            entry.served = null;
        }
    }

    private Entry know(CheckpointEvent checkpoint, boolean promoted) {
        var entry = adapters.computeIfAbsent(checkpoint.adapter(), _ -> new Entry());
        entry.versions.merge(
                checkpoint.version(),
                new PublishedVersion(checkpoint, promoted),
                (before, now) -> new PublishedVersion(
                        newer(before.checkpoint(), now.checkpoint()), before.promoted() || now.promoted()));
        return entry;
    }

    /** What was said last of a version: trained again after its files were lost, it lies in another place. */
    private static CheckpointEvent newer(CheckpointEvent before, CheckpointEvent now) {
        boolean older =
                before.time() != null && (now.time() == null || now.time().isBefore(before.time()));
        return older ? before : now;
    }

    /** Whether a version stands behind the name. */
    public synchronized boolean serves(String adapter) {
        var entry = adapters.get(adapter);
        return entry != null && entry.served != null;
    }

    /** An adapter, served or not. */
    synchronized Optional<AdapterView> view(String adapter) {
        return Optional.ofNullable(adapters.get(adapter)).map(entry -> view(adapter, entry));
    }

    /** Every adapter. */
    synchronized List<AdapterView> views() {
        return adapters.entrySet().stream()
                .map(e -> view(e.getKey(), e.getValue()))
                .toList();
    }

    private static AdapterView view(String name, Entry entry) {
        return new AdapterView(
                name,
                entry.served == null ? null : entry.served.version(),
                entry.served,
                new ArrayList<>(entry.versions.values()).reversed());
    }
}
