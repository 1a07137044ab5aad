package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.LogContext;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.InferenceEngine;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Versions that requests name, whatever their names point at: checked as in a swap, and kept in the engine beside what is
 * served. However many ask for one, it is read once; who asks for others does not wait.
 */
final class AddressedVersions {
    private static final Logger LOG = Logger.getLogger(AddressedVersions.class);

    private final CheckpointLoader loader;
    private final InferenceEngine engine;
    private final Function<String, KnownVersions> known;
    private final Executor executor;
    private final Map<AdapterVersion, CompletableFuture<Void>> loading = new ConcurrentHashMap<>();

    /** @param known what the versions of an adapter held so far */
    AddressedVersions(
            CheckpointLoader loader, InferenceEngine engine, Function<String, KnownVersions> known, Executor executor) {
        this.loader = loader;
        this.engine = engine;
        this.known = known;
        this.executor = executor;
    }

    /**
     * Takes a version in, if it is not here.
     *
     * @return completes when requests that name it get it; fails with {@link AdapterRejectedException}
     */
    CompletableFuture<Void> take(CheckpointEvent event) {
        var version = new AdapterVersion(event.adapter(), event.version());
        var done = new CompletableFuture<Void>();
        var before = loading.putIfAbsent(version, done);
        if (before != null) {
            return before;
        }
        executor.execute(() -> {
            try (var _ = LogContext.of(event.adapter(), event.version())) {
                load(event);
                loading.remove(version);
                done.complete(null);
            } catch (Exception | OutOfMemoryError e) {
                loading.remove(version);
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private void load(CheckpointEvent event) throws InterruptedException {
        var versions = known.apply(event.adapter());
        versions.requireSame(event);
        if (engine.holds(event.adapter(), event.version())) {
            return;
        }
        var began = System.nanoTime();
        try {
            engine.address(
                    event.adapter(),
                    event.version(),
                    loader.load(event),
                    Optional.ofNullable(event.system()),
                    KnownAnswers.of(event));
        } catch (AdapterException e) {
            throw new AdapterRejectedException(e);
        }
        versions.remember(event);
        LOG.infof(
                "adapter %s: version %s can be asked by its name and version, taken in within %d ms",
                event.adapter(),
                event.version(),
                Duration.ofNanos(System.nanoTime() - began).toMillis());
    }
}
