package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.LogContext;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.program.AdapterLayer;
import io.lorikeet.engine.program.ServingProgram;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings adapter versions from host memory to their slots, beside the serving: layers are laid out on another thread, and
 * copied between two steps, a few megabytes a step. {@link LoadQueue} says which is next. Belongs to the program's thread.
 */
final class AdapterLoads {
    private static final Logger LOG = LoggerFactory.getLogger(AdapterLoads.class);

    /** What a step may be held up by: a few milliseconds. */
    static final long BYTES_PER_STEP = 16 << 20;

    private final ServingProgram program;
    private final AdapterTable adapters;
    private final LoadQueue queue;
    private final int layersPerStep;
    private final Runnable wake;
    private final Map<ServedVersion, CompletableFuture<Void>> awaited = new HashMap<>();

    /** Layers of the version under way, from {@code layer} on, once they are laid out. */
    private CompletableFuture<List<AdapterLayer>> prepared;

    private int layer;

    /**
     * @param bytesPerStep copied in a step at most, but always a layer
     * @param wake is called on any thread when {@link #step} has something to do
     */
    AdapterLoads(ServingProgram program, AdapterTable adapters, long bytesPerStep, Runnable wake) {
        this.program = program;
        this.adapters = adapters;
        this.queue = new LoadQueue(adapters);
        this.wake = wake;
        var options = program.options();
        long layerBytes = AdapterLayer.bytes(options.config(), options.maxLoraRank());
        this.layersPerStep =
                Math.clamp(bytesPerStep / layerBytes, 1, options.config().numHiddenLayers());
    }

    /** Whether a version is on its way, or waits for a slot. */
    boolean isActive() {
        return queue.isActive();
    }

    /** Whether {@link #step} has nothing to do until somebody calls or wakes. */
    boolean isIdle() {
        return queue.current().isPresent() || !queue.hasWaiting();
    }

    /** Brings a version back that has lost its slot; asked once or often. */
    void want(ServedVersion version) {
        queue.want(version);
    }

    /** Brings a new version to its slot. */
    void load(ServedVersion version, CompletableFuture<Void> done) {
        awaited.put(version, done);
        queue.want(version);
    }

    /** Copies what is laid out, and begins what can have a slot. */
    void step() {
        queue.current().filter(_ -> prepared.isDone()).ifPresent(this::copy);
        if (queue.current().isEmpty()) {
            layer = 0;
            queue.next().ifPresent(this::prepare);
        }
    }

    private void prepare(ServedVersion version) {
        int first = layer;
        prepared = CompletableFuture.supplyAsync(() -> layers(version.weights(), first));
        var unused = prepared.whenComplete((_, _) -> wake.run());
    }

    private List<AdapterLayer> layers(PeftAdapter adapter, int first) {
        var options = program.options();
        // the norms of a layer take longer than its copy
        int layers = adapter.config().useDora() ? 1 : layersPerStep;
        int end = Math.min(first + layers, options.config().numHiddenLayers());
        return IntStream.range(first, end)
                .mapToObj(l -> AdapterStacks.layer(adapter, l, options.config()))
                .toList();
    }

    private void copy(ServedVersion version) {
        try {
            for (AdapterLayer next : prepared.join()) {
                program.loadAdapterLayer(version.place(), layer++, next);
            }
        } catch (RuntimeException e) {
            try (var _ =
                    LogContext.of(version.version().name(), version.version().version())) {
                LOG.error("adapter {} cannot be loaded", version.version(), e);
            }
            queue.failed();
            done(version).ifPresent(done -> done.completeExceptionally(e));
            return;
        }
        if (layer < program.options().config().numHiddenLayers()) {
            prepare(version);
        } else {
            queue.loaded();
            done(version).ifPresent(done -> done.complete(null));
        }
    }

    private Optional<CompletableFuture<Void>> done(ServedVersion version) {
        return Optional.ofNullable(awaited.remove(version));
    }

    /** Loads a version at once, on this thread. */
    void loadNow(ServedVersion version) {
        if (!adapters.claimSlot(version)) {
            throw new IllegalStateException("no free slot for " + version.version());
        }
        copy(program, version.weights(), version.place());
        adapters.loaded(version);
    }

    /** Copies a whole adapter to its place. */
    static void copy(ServingProgram program, PeftAdapter adapter, AdapterPlace place) {
        var options = program.options();
        for (int layer = 0; layer < options.config().numHiddenLayers(); layer++) {
            program.loadAdapterLayer(place, layer, AdapterStacks.layer(adapter, layer, options.config()));
        }
    }

    /** Gives up on all that is not loaded yet. */
    void failAll(EngineException error) {
        for (ServedVersion version : queue.failAll()) {
            done(version).ifPresent(done -> done.completeExceptionally(error));
        }
    }
}
