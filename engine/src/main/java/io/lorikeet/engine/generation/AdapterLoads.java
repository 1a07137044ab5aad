package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.LogContext;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.program.AdapterLayer;
import io.lorikeet.engine.program.ServingProgram;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings adapter versions from host memory to their slots, beside the serving: layers are laid out on another thread, and
 * copied between two steps, a few megabytes a step. Belongs to the program's thread.
 */
final class AdapterLoads {
    private static final Logger LOG = LoggerFactory.getLogger(AdapterLoads.class);

    /** What a step may be held up by: a few milliseconds. */
    static final long BYTES_PER_STEP = 16 << 20;

    private final ServingProgram program;
    private final AdapterTable adapters;
    private final int layersPerStep;
    private final Runnable wake;
    private final Deque<Load> waiting = new ArrayDeque<>();
    private final Set<ServedVersion> wanted = new HashSet<>();
    private Load current;

    /** A version on its way to its slot, and whom to tell. */
    private static final class Load {
        final ServedVersion version;
        final CompletableFuture<Void> done;
        int layer;
        CompletableFuture<List<AdapterLayer>> prepared;

        Load(ServedVersion version, CompletableFuture<Void> done) {
            this.version = version;
            this.done = done;
        }
    }

    /**
     * @param bytesPerStep copied in a step at most, but always a layer
     * @param wake is called on any thread when {@link #step} has something to do
     */
    AdapterLoads(ServingProgram program, AdapterTable adapters, long bytesPerStep, Runnable wake) {
        this.program = program;
        this.adapters = adapters;
        this.wake = wake;
        var options = program.options();
        long layerBytes = AdapterLayer.bytes(options.config(), options.maxLoraRank());
        this.layersPerStep =
                Math.clamp(bytesPerStep / layerBytes, 1, options.config().numHiddenLayers());
    }

    /** Whether a version is on its way, or waits for a slot. */
    boolean isActive() {
        return !wanted.isEmpty();
    }

    /** Whether {@link #step} has nothing to do until somebody calls or wakes. */
    boolean isIdle() {
        return current != null || waiting.isEmpty();
    }

    /** Brings a version back that has lost its slot; asked once or often. */
    void want(ServedVersion version) {
        load(version, new CompletableFuture<>());
    }

    /** Brings a version to its slot. */
    void load(ServedVersion version, CompletableFuture<Void> done) {
        if (wanted.add(version)) {
            waiting.add(new Load(version, done));
        }
    }

    /** Copies what is laid out, and begins what can have a slot. */
    void step() {
        if (current != null && current.prepared.isDone()) {
            copy(current);
        }
        if (current == null) {
            begin();
        }
    }

    private void begin() {
        adapters.nobodyLeaves();
        for (Iterator<Load> loads = waiting.iterator(); loads.hasNext() && current == null; ) {
            Load load = loads.next();
            if (adapters.isOver(load.version)) {
                loads.remove();
                wanted.remove(load.version);
            } else if (adapters.claimSlot(load.version)) {
                loads.remove();
                current = load;
                prepare(load);
            }
        }
    }

    private void prepare(Load load) {
        int first = load.layer;
        load.prepared = CompletableFuture.supplyAsync(() -> layers(load.version.weights(), first));
        var unused = load.prepared.whenComplete((_, _) -> wake.run());
    }

    private List<AdapterLayer> layers(PeftAdapter adapter, int first) {
        var options = program.options();
        int end = Math.min(first + layersPerStep, options.config().numHiddenLayers());
        return IntStream.range(first, end)
                .mapToObj(layer -> AdapterStacks.layer(adapter, layer, options.config()))
                .toList();
    }

    private void copy(Load load) {
        try {
            for (AdapterLayer layer : load.prepared.join()) {
                program.loadAdapterLayer(load.version.slot(), load.layer++, layer);
            }
            if (load.layer < program.options().config().numHiddenLayers()) {
                prepare(load);
                return;
            }
        } catch (RuntimeException e) {
            var version = load.version.version();
            try (var _ = LogContext.of(version.name(), version.version())) {
                LOG.error("adapter {} cannot be loaded", version, e);
            }
            end(load);
            adapters.abandon(load.version);
            load.done.completeExceptionally(e);
            return;
        }
        end(load);
        adapters.loaded(load.version);
        load.done.complete(null);
    }

    private void end(Load load) {
        current = null;
        wanted.remove(load.version);
    }

    /** Loads a version at once, on this thread. */
    void loadNow(ServedVersion version) {
        if (!adapters.claimSlot(version)) {
            throw new IllegalStateException("no free slot for " + version.version());
        }
        copy(program, version.weights(), version.slot());
        adapters.loaded(version);
    }

    /** Copies a whole adapter to a slot. */
    static void copy(ServingProgram program, PeftAdapter adapter, int slot) {
        var options = program.options();
        for (int layer = 0; layer < options.config().numHiddenLayers(); layer++) {
            program.loadAdapterLayer(slot, layer, AdapterStacks.layer(adapter, layer, options.config()));
        }
    }

    /** Gives up on all that is not loaded yet. */
    void failAll(EngineException error) {
        if (current != null) {
            waiting.addFirst(current);
            current = null;
        }
        for (Load load : waiting) {
            adapters.abandon(load.version);
            load.done.completeExceptionally(error);
        }
        waiting.clear();
        wanted.clear();
    }
}
