package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.Canary;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.Page;
import io.lorikeet.gateway.inference.Checkpoints;
import io.lorikeet.http.ApiException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Which adapters are served, and which versions there are: the checkpoint topic and the jobs' results. Of versions that are
 * not served the oldest fall out when they take more than their part of the heap.
 */
@ApplicationScoped
public class AdapterCatalog implements Checkpoints {
    /** Versions that are looked at when one comes, to find those that can go. */
    private static final int LOOKED_AT = 64;

    /** Names that an error lists. */
    static final int MOST_TOLD = 20;

    private static final class Entry {
        private CheckpointEvent served;
        /** Since when a decision that came too late is the topic's last word; null if none is. */
        private Instant contested;

        private final Map<String, PublishedVersion> versions = new LinkedHashMap<>();

        /**
         * By when they were made: jobs' results lie in several partitions, and are heard of in another order at each start. Of one
         * time, as they were heard of.
         */
        List<PublishedVersion> newestFirst() {
            return new ArrayList<>(versions.values())
                    .reversed().stream()
                            .sorted(Comparator.comparing(PublishedVersion::since)
                                    .reversed())
                            .toList();
        }

        boolean serves(String version) {
            return served != null && served.version().equals(version);
        }

        boolean tries(String version) {
            return served != null
                    && served.canary() != null
                    && served.canary().version().equals(version);
        }

        boolean needs(String version) {
            return serves(version) || tries(version);
        }

        VersionView view(PublishedVersion published) {
            var checkpoint = published.checkpoint();
            return new VersionView(
                    checkpoint.version(),
                    state(published),
                    checkpoint.jobId().orElse(null),
                    published.since(),
                    checkpoint);
        }

        private VersionState state(PublishedVersion published) {
            var version = published.checkpoint().version();
            if (serves(version)) {
                return VersionState.STABLE;
            }
            if (tries(version)) {
                return VersionState.CANARY;
            }
            return published.promoted() ? VersionState.SUPERSEDED : VersionState.NOT_PROMOTED;
        }
    }

    private record Key(String adapter, String version) {}

    private final NavigableMap<String, Entry> adapters = new TreeMap<>();
    /** What each version takes of the heap, about; in the order in which they were first heard of. */
    private final SequencedMap<Key, Long> weights = new LinkedHashMap<>();

    /** By adapter; asked for with each request. */
    private volatile Map<String, Canary> canaries = Map.of();

    private final long budget;
    private long weight;

    private final ReplicaCatalog replicas;

    @Inject
    AdapterCatalog(GatewayConfig config, ReplicaCatalog replicas) {
        this(config.versionsMemory().asLongValue(), replicas);
    }

    /** @param budget bytes of the heap for versions that are not served, about */
    public AdapterCatalog(long budget, ReplicaCatalog replicas) {
        this.budget = budget;
        this.replicas = replicas;
    }

    /** Takes the result of a job, or that its files were deleted. */
    public synchronized void trained(TrainingEvent.Succeeded job) {
        var checkpoint = job.checkpoint();
        if (checkpoint == null) {
            return;
        }
        if (job.deleted() == null) {
            know(new PublishedVersion(checkpoint, job.promoted()));
        } else {
            forget(checkpoint.adapter(), checkpoint.version());
        }
    }

    /** Takes what is served from now on. */
    public synchronized void served(CheckpointEvent event) {
        know(new PublishedVersion(event.alone(), true));
        if (event.canary() != null) {
            know(new PublishedVersion(event.canary().checkpoint(), false));
        }
        stands(adapters.get(event.adapter()), event);
    }

    /** Takes a tombstone. */
    public synchronized void retired(String adapter) {
        var entry = adapters.get(adapter);
        if (entry != null) {
            stands(entry, null);
        }
    }

    private void stands(Entry entry, CheckpointEvent event) {
        var before = entry.served;
        entry.served = event;
        entry.contested = null;
        var changed = new HashMap<>(canaries);
        if (before != null) {
            changed.remove(before.adapter());
        }
        if (event != null && event.canary() != null) {
            changed.put(event.adapter(), event.canary());
        }
        if (!changed.equals(canaries)) {
            canaries = Map.copyOf(changed);
        }
    }

    /** Takes a decision that does not count: it is on the topic as its last word, and has to be followed by what stands. */
    public synchronized void contested(CheckpointEvent late) {
        var entry = adapters.get(late.adapter());
        if (entry != null) {
            entry.contested = Instant.now();
        }
    }

    /**
     * An adapter of which the topic's last word does not count.
     *
     * @param standing what is served; empty if the adapter is retired
     */
    public record Contested(String adapter, Instant since, Optional<CheckpointEvent> standing) {}

    /** All of them. */
    public synchronized List<Contested> contested() {
        return adapters.entrySet().stream()
                .filter(each -> each.getValue().contested != null)
                .map(each -> new Contested(
                        each.getKey(), each.getValue().contested, Optional.ofNullable(each.getValue().served)))
                .toList();
    }

    /** The canaries that there are, by adapter. */
    public Map<String, Canary> canaries() {
        return canaries;
    }

    /** What stands under the name, with its canary. */
    public synchronized Optional<CheckpointEvent> standing(String adapter) {
        return Optional.ofNullable(adapters.get(adapter)).map(entry -> entry.served);
    }

    /** Takes a version that could be served. */
    public synchronized void know(PublishedVersion version) {
        var checkpoint = version.checkpoint();
        var entry = adapters.computeIfAbsent(checkpoint.adapter(), _ -> new Entry());
        entry.versions.merge(checkpoint.version(), version, PublishedVersion::and);
        var key = new Key(checkpoint.adapter(), checkpoint.version());
        if (!weights.containsKey(key)) {
            long bytes = 2L * Json.write(checkpoint).length;
            weights.put(key, bytes);
            weight += bytes;
            forgetTheOldest(key);
        }
    }

    private void forgetTheOldest(Key newest) {
        // those that are served stay; where there are many, the next version looks on
        for (int left = Math.min(LOOKED_AT, weights.size()); weight > budget && left > 0; left--) {
            var oldest = weights.pollFirstEntry();
            var key = oldest.getKey();
            var entry = adapters.get(key.adapter());
            if (key.equals(newest) || entry.needs(key.version())) {
                weights.putLast(key, oldest.getValue());
                continue;
            }
            weight -= oldest.getValue();
            entry.versions.remove(key.version());
            if (entry.versions.isEmpty()) {
                adapters.remove(key.adapter());
            }
        }
    }

    /** Whether a version stands behind the name. */
    public synchronized boolean serves(String adapter) {
        var entry = adapters.get(adapter);
        return entry != null && entry.served != null;
    }

    @Override
    public synchronized CheckpointEvent require(String adapter, String version) {
        var entry = adapters.get(adapter);
        if (entry == null) {
            throw ApiException.notFound("there is no adapter " + Shown.name(adapter) + "; there are "
                    + first(List.copyOf(adapters.keySet()), MOST_TOLD));
        }
        var known = entry.versions.get(version);
        if (known == null) {
            var newest = entry.newestFirst().stream()
                    .map(each -> each.checkpoint().version())
                    .toList();
            throw ApiException.notFound(
                    adapter + " has no version " + Shown.name(version) + "; there are " + first(newest, MOST_TOLD));
        }
        return known.checkpoint();
    }

    /** Whether the version is served, or tried as a canary. */
    synchronized boolean needs(String adapter, String version) {
        var entry = adapters.get(adapter);
        return entry != null && entry.needs(version);
    }

    /** Whether there is such a version. */
    synchronized boolean knows(String adapter, String version) {
        return weights.containsKey(new Key(adapter, version));
    }

    /** A version whose files are gone; one that is served stays. */
    synchronized void forget(String adapter, String version) {
        var entry = adapters.get(adapter);
        var taken = weights.get(new Key(adapter, version));
        if (entry == null || taken == null || entry.needs(version)) {
            return;
        }
        weights.remove(new Key(adapter, version));
        weight -= taken;
        entry.versions.remove(version);
        if (entry.versions.isEmpty()) {
            adapters.remove(adapter);
        }
    }

    /** The first few. */
    static String first(List<String> names, int most) {
        return names.subList(0, Math.min(most, names.size()))
                + (names.size() > most ? " and " + (names.size() - most) + " more" : "");
    }

    /** The version behind the name. */
    public synchronized Optional<String> servedVersion(String adapter) {
        return Optional.ofNullable(adapters.get(adapter))
                .map(entry -> entry.served)
                .map(CheckpointEvent::version);
    }

    /** A name that is served, and since when. */
    public record ServedAdapter(String name, String version, Instant time) {}

    /** Names that are served, those first that were changed last. */
    public synchronized List<ServedAdapter> changedLast(int most) {
        return adapters.values().stream()
                .filter(entry -> entry.served != null)
                .map(entry -> new ServedAdapter(entry.served.adapter(), entry.served.version(), entry.served.time()))
                .sorted(Comparator.comparing(ServedAdapter::time).reversed())
                .limit(most)
                .toList();
    }

    /** All versions, in the order in which they were first heard of. */
    public synchronized List<PublishedVersion> versions() {
        return weights.keySet().stream()
                .map(key -> adapters.get(key.adapter()).versions.get(key.version()))
                .toList();
    }

    /** An adapter, served or not. */
    synchronized Optional<AdapterView> view(String adapter) {
        return Optional.ofNullable(adapters.get(adapter)).map(entry -> view(adapter, entry));
    }

    /** Some adapters, by name. */
    synchronized Page<AdapterView> page(Page.Wanted wanted) {
        var page = Page.of(List.copyOf(adapters.keySet()), name -> name, wanted);
        return page.map(name -> view(name, adapters.get(name)));
    }

    /** Names behind which a version stands. */
    synchronized List<String> served() {
        return adapters.entrySet().stream()
                .filter(each -> each.getValue().served != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    private AdapterView view(String name, Entry entry) {
        var served = entry.served;
        return new AdapterView(
                name,
                served == null ? null : served.version(),
                served == null ? null : served.alone(),
                null,
                served == null ? null : served.decision(),
                entry.newestFirst().stream().map(entry::view).toList(),
                replicas.of(name));
    }
}
